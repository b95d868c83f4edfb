export { openTraceFile, type TraceDurability, type TraceFileOptions } from "./file-sink.ts";
export { createMemorySink, type MemorySink, type MemorySinkOptions } from "./memory-sink.ts";
export {
  readTrace,
  repairTrace,
  streamTrace,
  type ReadTraceOptions,
  type RepairedTrace,
  type TraceFile,
} from "./read.ts";
export type { TornLine } from "./decode.ts";
export type { BlobRef } from "./blob.ts";
export { fromRanges, toRanges } from "./ranges.ts";
export { sameEvent, sameJson, volatileFields } from "./same-event.ts";
export {
  applyEvent,
  createTraceState,
  foldTrace,
  type PendingCall,
  type TraceState,
} from "./state.ts";
export {
  diffTraces,
  type DiffSide,
  type DiffTracesOptions,
  type TraceDiff,
  type TraceDivergence,
} from "./diff.ts";
export { listTraces, type TraceListing } from "./list.ts";
export {
  summarizeTrace,
  type ModelSummary,
  type ProcessorSummary,
  type ToolSummary,
  type TraceSummary,
} from "./summary.ts";
export { traceEventSchema } from "./json-schema.ts";
export { TRACE_VERSION } from "./schema.ts";
export type {
  DecisionEvent,
  ErrorEvent,
  HarnessHashes,
  HistoryEvent,
  HookEvent,
  HookTapRecord,
  InterruptEvent,
  LogEvent,
  MessageEvent,
  MessageRanges,
  ModelErrorEvent,
  ModelRequestEvent,
  ModelResponseEvent,
  RunEndEvent,
  RunStartEvent,
  SpawnEndEvent,
  SpawnEvent,
  StepEndTraceEvent,
  StepStartTraceEvent,
  SwapEvent,
  ToolCallEvent,
  ToolResultEvent,
  TraceEvent,
  TraceSink,
} from "./schema.ts";

export {
  createAssembler,
  type Assembler,
  type AssemblerOptions,
  type DriftCounts,
} from "./assembler.ts";
export { diagnoseRows, type Diagnostic, type DiagnosticName } from "./diagnostics.ts";
export { assembleTrace, type AssembledTrace, type TraceFacts } from "./from-trace.ts";
export { turnsOfTrace, type TraceTurnOptions, type TraceTurns } from "./trace-turns.ts";
export type { Turn } from "./turn.ts";

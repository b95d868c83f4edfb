import { streamTrace } from "@harnessx/core";
import type { TraceEvent } from "@harnessx/core";
import { textOf, type ExitReason, type ToolStatus } from "@harnessx/core/plugin";
import type { RolloutRecord } from "../rollout/index.ts";

/** One tool call of an episode with what came back. */
export interface EpisodeCall {
  /** Position of the `tool.result` event: what evidence points at. */
  readonly seq: number;
  readonly step: number;
  readonly tool: string;
  /** String arguments by name; others are left out. */
  readonly args: Readonly<Record<string, string>>;
  /** Tool and arguments as one text: equal for equal calls. */
  readonly key: string;
  /** At most `REPLY_LIMIT` characters. */
  readonly reply: string;
  readonly status: ToolStatus;
  readonly code?: string;
}

/** What a digest keeps of one trace: enough for every mechanical finding, and bounded by the number of calls. */
export interface Episode {
  /** Id of the run. */
  readonly trace: string;
  readonly task: string;
  readonly cluster: string;
  readonly passed: boolean;
  /** The first user message. */
  readonly text: string;
  readonly exit: ExitReason | "unfinished";
  readonly steps: number;
  readonly calls: readonly EpisodeCall[];
  /** Responses cut off by a length limit. */
  readonly truncated: number;
  /** By manifest entry: dispatches in which it ran, and in which it did more than pass. */
  readonly processors: Readonly<Record<string, { readonly ran: number; readonly acted: number }>>;
  /** Position of the last event, for findings about the whole episode. */
  readonly lastSeq: number;
  readonly lastText: string;
}

/** Longer replies are cut: what a finding quotes is at most 200 characters, what mining needs stands at the start. */
export const REPLY_LIMIT = 1200;

/** Reads the trace of a rollout. The trace is streamed: no more than one is held at a time. */
export async function readEpisode(record: RolloutRecord): Promise<Episode | undefined> {
  if (record.trace === undefined) return undefined;
  return episodeOf(record, streamTrace(record.trace));
}

/** Folds the events of one trace into an episode. */
export async function episodeOf(
  record: Pick<RolloutRecord, "task" | "cluster" | "passed">,
  events: AsyncIterable<TraceEvent> | Iterable<TraceEvent>,
): Promise<Episode> {
  const calls: EpisodeCall[] = [];
  const open = new Map<string, { readonly name: string; readonly input: unknown }>();
  const processors: Record<string, { ran: number; acted: number }> = {};
  let trace = "";
  let text = "";
  let exit: Episode["exit"] = "unfinished";
  let steps = 0;
  let truncated = 0;
  let lastSeq = 0;
  let lastText = "";
  for await (const event of events) {
    lastSeq = event.seq;
    switch (event.type) {
      case "run.start":
        trace = event.run;
        text = event.task.text;
        break;
      case "hook":
        for (const tap of event.taps) {
          const seen = (processors[tap.processor] ??= { ran: 0, acted: 0 });
          seen.ran += 1;
          if (tap.verdict !== "pass") seen.acted += 1;
        }
        break;
      case "model.response":
        if (event.finish === "length") truncated += 1;
        lastText = textOf(event.content).slice(0, REPLY_LIMIT);
        break;
      case "tool.call":
        open.set(event.call.id, event.call);
        break;
      case "tool.result": {
        const call = open.get(event.call) ?? { name: event.name, input: {} };
        open.delete(event.call);
        const args = stringArgs(call.input);
        calls.push({
          seq: event.seq,
          step: event.step,
          tool: event.name,
          args,
          key: callKey(event.name, call.input),
          reply: textOf(event.content).slice(0, REPLY_LIMIT),
          status: event.status,
          ...(event.error === undefined ? {} : { code: event.error.code }),
        });
        break;
      }
      case "step.end":
        steps = event.step;
        break;
      case "run.end":
        exit = event.exit;
        break;
      default:
    }
  }
  const { task, cluster, passed } = record;
  return {
    trace,
    task,
    cluster,
    passed,
    text,
    exit,
    steps,
    calls,
    truncated,
    processors,
    lastSeq,
    lastText,
  };
}

function stringArgs(input: unknown): Record<string, string> {
  const out: Record<string, string> = {};
  if (typeof input !== "object" || input === null) return out;
  for (const [name, value] of Object.entries(input))
    if (typeof value === "string") out[name] = value;
  return out;
}

function callKey(tool: string, input: unknown): string {
  if (typeof input !== "object" || input === null) return `${tool} ${JSON.stringify(input) ?? ""}`;
  const sorted = Object.entries(input).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${tool} ${JSON.stringify(sorted)}`;
}

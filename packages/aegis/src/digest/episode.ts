import { streamTrace } from "@harnessx/core";
import type { RunStartEvent, ToolResultEvent, ToolSpec, TraceEvent } from "@harnessx/core";
import { textOf, type ExitReason, type ToolStatus } from "@harnessx/core/plugin";
import type { RolloutRecord } from "../rollout/index.ts";
import { scanTrace, type TraceConsumer } from "./scan.ts";

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
  /** By manifest entry: dispatches in which it ran, in which it did more than pass, and what it changed by kind of edit. */
  readonly processors: Readonly<
    Record<
      string,
      {
        readonly ran: number;
        readonly acted: number;
        readonly changes?: Readonly<Record<string, number>>;
      }
    >
  >;
  /** Tools that were offered and ask for no argument. */
  readonly offered?: readonly string[];
  /** Of every model call, in order. */
  readonly inputTokens?: readonly number[];
  /** Position of the last event, for findings about the whole episode. */
  readonly lastSeq: number;
  readonly lastText: string;
}

/** Longer replies are cut: what a finding quotes is at most 200 characters, what mining needs stands at the start. */
export const REPLY_LIMIT = 1200;

/**
 * Reads the trace of a rollout; no more than a block of it is held at a time. What the digest uses is
 * read at once where the trace is as our writer makes it; anything else is read again by core, whose
 * coded errors say what is wrong.
 */
export async function readEpisode(record: RolloutRecord): Promise<Episode | undefined> {
  if (record.trace === undefined) return undefined;
  const fold = new EpisodeFold();
  if (scanTrace(record.trace, fold)) return fold.episode(record);
  return episodeOf(record, streamTrace(record.trace));
}

/** Folds the events of one trace into an episode. */
export async function episodeOf(
  record: EpisodeRecord,
  events: AsyncIterable<TraceEvent> | Iterable<TraceEvent>,
): Promise<Episode> {
  const fold = new EpisodeFold();
  for await (const event of events) fold.add(event);
  return fold.episode(record);
}

type EpisodeRecord = Pick<RolloutRecord, "task" | "cluster" | "passed">;

/** An episode in the making. */
class EpisodeFold implements TraceConsumer {
  readonly #calls: EpisodeCall[] = [];
  readonly #open = new Map<string, { readonly name: string; readonly input: unknown }>();
  readonly #processors: Record<string, ProcessorActivity> = {};
  readonly #inputTokens: number[] = [];
  #trace = "";
  #text = "";
  #offered: readonly string[] = [];
  #exit: Episode["exit"] = "unfinished";
  #steps = 0;
  #truncated = 0;
  #lastSeq = 0;
  #lastText = "";

  add(event: TraceEvent): void {
    this.#lastSeq = event.seq;
    switch (event.type) {
      case "run.start":
        this.#trace = event.run;
        this.#text = event.task.text;
        this.#offered = withoutArguments(event);
        break;
      case "hook":
        for (const { processor, verdict, edits } of event.taps)
          this.tap(processor, verdict, edits?.map(({ op }) => op) ?? []);
        break;
      case "model.response":
        if (event.finish === "length") this.#truncated += 1;
        this.#inputTokens.push(event.usage.input);
        this.#lastText = cut(textOf(event.content));
        break;
      case "tool.call":
        this.#open.set(event.call.id, event.call);
        break;
      case "tool.result":
        this.#result(event);
        break;
      case "step.end":
        this.#steps = event.step;
        break;
      case "run.end":
        this.#exit = event.exit;
        break;
      default:
    }
  }

  skip(seq: number): void {
    this.#lastSeq = seq;
  }

  tap(processor: string, verdict: string, ops: readonly string[]): void {
    const seen = (this.#processors[processor] ??= { ran: 0, acted: 0, changes: {} });
    seen.ran += 1;
    if (verdict !== "pass") seen.acted += 1;
    for (const op of ops) seen.changes[op] = (seen.changes[op] ?? 0) + 1;
  }

  episode({ task, cluster, passed }: EpisodeRecord): Episode {
    return {
      trace: this.#trace,
      task,
      cluster,
      passed,
      text: this.#text,
      exit: this.#exit,
      steps: this.#steps,
      calls: this.#calls,
      truncated: this.#truncated,
      processors: this.#processors,
      offered: this.#offered,
      inputTokens: this.#inputTokens,
      lastSeq: this.#lastSeq,
      lastText: this.#lastText,
    };
  }

  #result(event: ToolResultEvent): void {
    const call = this.#open.get(event.call) ?? { name: event.name, input: {} };
    this.#open.delete(event.call);
    this.#calls.push({
      seq: event.seq,
      step: event.step,
      tool: event.name,
      args: stringArgs(call.input),
      key: callKey(event.name, call.input),
      reply: cut(textOf(event.content)),
      status: event.status,
      ...(event.error === undefined ? {} : { code: event.error.code }),
    });
  }
}

interface ProcessorActivity {
  ran: number;
  acted: number;
  changes: Record<string, number>;
}

/** The start of a text, copied: a slice would keep all of it in memory. */
const cut = (text: string): string =>
  text.length <= REPLY_LIMIT
    ? text
    : Buffer.from(text.slice(0, REPLY_LIMIT), "utf16le").toString("utf16le");

/** The scan has not checked tools: most of what a digest reads does not need them. */
function withoutArguments({ tools }: Partial<RunStartEvent>): string[] {
  if (!Array.isArray(tools)) return [];
  return (tools as readonly (Partial<ToolSpec> | null)[]).flatMap((tool) => {
    const { name, inputSchema } = tool ?? {};
    const required = inputSchema?.["required"] ?? [];
    const none = Array.isArray(required) && required.length === 0;
    return typeof name === "string" && none ? [name] : [];
  });
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

import { randomUUID } from "node:crypto";
import {
  inputRequired,
  type CallToolResult,
  type InputRequiredResult,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { RunHandle, RunOptions, RunResult, StreamItem } from "@harnessx/core";
import type { ServeMcpOptions } from "../options.ts";
import { abilitiesOf } from "../questions/abilities.ts";
import { askAll } from "../questions/ask-all.ts";
import { failed } from "../tools/content.ts";
import { ToolNews } from "../tools/tool-news.ts";
import { FinishedRuns } from "./finished-runs.ts";
import { LiveRun } from "./live-run.ts";
import { ParkedRuns } from "./parked-runs.ts";

/** Starts a run with what the desk takes care of. */
export type StartRun = (options: RunOptions) => RunHandle;

/** What a call wants of the desk. */
export interface Wanted {
  readonly server: Server;
  readonly era: "legacy" | "modern";
  readonly context: ServerContext;
  readonly start: StartRun;
  /** Also hears of everything that happens in the run. */
  readonly onItem?: (item: StreamItem) => void;
  readonly resultOf: (result: RunResult) => CallToolResult;
}

/** Takes calls, runs them, and goes on with those that a person had to answer first. */
export class RunDesk {
  readonly answerTimeoutMs: number;
  readonly parked: ParkedRuns;
  readonly finished: FinishedRuns;
  readonly news: ToolNews;
  readonly #live = new Set<LiveRun>();

  /** `oneClient`: whoever is at the other end is the same all the time, as on stdio. */
  constructor(
    readonly options: ServeMcpOptions,
    readonly oneClient: boolean,
  ) {
    this.answerTimeoutMs = options.answerTimeoutMs ?? 600_000;
    this.news = new ToolNews(() => options.agent.harness.tools);
    this.parked = new ParkedRuns(this.answerTimeoutMs);
    this.finished = new FinishedRuns(options.keepTraces ?? 0, options.maxTraceBytes ?? 1024 * 1024);
  }

  async serve(wanted: Wanted): Promise<CallToolResult | InputRequiredResult> {
    const { context } = wanted;
    const owner = this.ownerOf(context) ?? "";
    const state = context.mcpReq.requestState<string>();
    const parked = typeof state === "string" ? this.parked.take(state, owner) : undefined;
    if (state !== undefined && !parked)
      return failed("The run that this answers is over, or another client's.");
    parked?.take(context.mcpReq.inputResponses ?? {});
    const { maxRuns = 32 } = this.options;
    if (!parked && this.#live.size >= maxRuns)
      return failed("Too many runs are in progress; try again later.");
    const run = parked ?? this.#begin(wanted, owner);
    const release = this.#attend(run, wanted);
    try {
      for (;;) {
        const turn = await run.next();
        if (turn.type === "ended") return wanted.resultOf(turn.result);
        if (wanted.era === "modern")
          return inputRequired({
            inputRequests: turn.questions,
            requestState: this.parked.park(run, owner),
          });
        const asking = { timeout: this.answerTimeoutMs, over: run.over };
        run.take(await askAll(turn.questions, context, asking));
      }
    } finally {
      release();
    }
  }

  /** Whose runs are whose: undefined where nothing tells one client from another, and a handle is all there is. */
  ownerOf({ sessionId }: ServerContext): string | undefined {
    return this.oneClient ? "client" : sessionId;
  }

  /** Aborts every run. */
  async close(): Promise<void> {
    const live = [...this.#live];
    for (const run of live) run.abort("The server closes.");
    await Promise.all(live.map(({ result }) => result));
  }

  #begin({ server, context, start, onItem }: Wanted, owner: string): LiveRun {
    const record = this.finished.record();
    const { run: given = {} } = this.options;
    const live = new LiveRun(
      // What the caller of `serveMcp` decided comes before what the client's person would.
      (options) => start({ ...options, ...given, runId: `mcp-${randomUUID()}` }),
      abilitiesOf(context, server),
      (item) => {
        record.onItem(item);
        onItem?.(item);
      },
    );
    this.#live.add(live);
    void live.result.then((result) => {
      this.#live.delete(live);
      record.end(result, owner);
    });
    return live;
  }

  /** Tells the client of steps, and ends the run when the client cancels or is gone. */
  #attend(run: LiveRun, { context }: Wanted): () => void {
    const { _meta: meta, notify, signal } = context.mcpReq;
    const progressToken = meta?.progressToken;
    if (progressToken !== undefined)
      run.watch(({ number, message }) => {
        const params = { progressToken, progress: number, message };
        notify({ method: "notifications/progress", params }).catch(() => undefined);
      });
    const cancel = (): void => run.abort("The client cancelled the call.");
    const signals = [signal, context.http?.req?.signal].filter((each) => each !== undefined);
    for (const each of signals) {
      if (each.aborted) cancel();
      else each.addEventListener("abort", cancel);
    }
    return () => {
      run.watch(() => undefined);
      for (const each of signals) each.removeEventListener("abort", cancel);
    };
  }
}

import type { Agent, RunResult } from "@harnessx/core";
import type { FinishReason, PastTurn } from "@harnessx/core/plugin";
import { Failure } from "../http/failure.ts";
import type { AgentOptions, ShowOptions } from "./settings.ts";
import { Transcript } from "./transcript.ts";

/** What a client asks for, in the agent's terms. */
export interface AskedTask {
  readonly text: string;
  readonly history: readonly PastTurn[];
  readonly images: readonly { readonly mediaType: string; readonly data: string }[];
  readonly seed?: number;
}

/** Gets what a client is to see, as it comes. */
export type Emit = (kind: "text" | "thinking", text: string) => void;

/** A run that is over. */
export interface Ended {
  readonly result: RunResult;
  readonly finish: FinishReason;
  /** All text that was emitted. */
  readonly text: string;
}

/** Runs an agent for clients, up to a number of runs at the same time. */
export class Runner {
  readonly name: string;
  readonly #agent: Agent;
  #running = 0;

  constructor(readonly options: AgentOptions) {
    this.#agent = options.agent;
    this.name = options.name ?? options.agent.harness.manifest.name;
  }

  /** Throws a `Failure` with 429 when too many runs are in progress. */
  async run(
    { text, history, images, seed }: AskedTask,
    {
      signal,
      streaming,
      emit,
    }: { readonly signal: AbortSignal; readonly streaming: boolean; readonly emit: Emit },
  ): Promise<Ended> {
    const { maxRuns = 128, run = {} } = this.options;
    if (this.#running >= maxRuns)
      throw new Failure(429, "rate_limit_error", "Too many runs are in progress.", {
        code: "too_many_runs",
        headers: { "retry-after": "1" },
      });
    this.#running += 1;
    let all = "";
    const transcript = new Transcript(this.#shown(streaming), (kind, piece) => {
      if (kind === "text") all += piece;
      emit(kind, piece);
    });
    try {
      const result = await this.#agent.run(
        {
          text,
          ...(history.length > 0 ? { history } : {}),
          ...(images.length > 0 ? { images } : {}),
        },
        {
          // Nobody sits at the other end: a parked run would never be answered.
          approve: () => ({ decision: "refuse", reason: "Nobody can be asked over this API." }),
          ...run,
          signal,
          ...(seed === undefined ? {} : { seed }),
          onItem: (item) => transcript.item(item),
        },
      );
      transcript.end(result.output);
      return { result, finish: transcript.finish, text: all };
    } finally {
      this.#running -= 1;
    }
  }

  #shown(streaming: boolean): Required<ShowOptions> {
    const { text = "live", tools = false, thinking = false } = this.options.show ?? {};
    return { text: streaming ? text : "final", tools, thinking };
  }
}

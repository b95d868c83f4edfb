import type { RunResult, StreamItem } from "@harnessx/core";

/** The trace of a run that is over. */
export interface FinishedRun {
  readonly id: string;
  readonly owner: string;
  readonly exit: string;
  /** One event a line. */
  readonly trace: string;
}

/** The latest traces, each for the client that asked for the run. */
export class FinishedRuns {
  readonly #runs = new Map<string, FinishedRun>();

  constructor(
    readonly keep: number,
    readonly maxBytes: number,
  ) {}

  /** Writes a run down; call what it returns when the run is over. */
  record(): { onItem(item: StreamItem): void; end(result: RunResult, owner: string): void } {
    let lines: string[] | undefined = this.keep > 0 ? [] : undefined;
    let bytes = 0;
    return {
      onItem: (item) => {
        if (!lines || item.type !== "event") return;
        const line = JSON.stringify(item.event);
        bytes += Buffer.byteLength(line) + 1;
        // Half a trace is none: nothing could be replayed from it.
        if (bytes > this.maxBytes) lines = undefined;
        else lines.push(line);
      },
      end: ({ runId, exit }, owner) => {
        if (lines) this.#add({ id: runId, owner, exit, trace: `${lines.join("\n")}\n` });
      },
    };
  }

  has(id: string): boolean {
    return this.#runs.has(id);
  }

  get(id: string, owner: string): FinishedRun | undefined {
    const run = this.#runs.get(id);
    return run?.owner === owner ? run : undefined;
  }

  of(owner: string): readonly FinishedRun[] {
    return [...this.#runs.values()].filter((run) => run.owner === owner);
  }

  #add(run: FinishedRun): void {
    this.#runs.set(run.id, run);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > this.keep && oldest !== undefined) this.#runs.delete(oldest);
  }
}

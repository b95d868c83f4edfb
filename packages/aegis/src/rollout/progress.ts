import type { RolloutRecord } from "./record.ts";

/** How far a pool has come with everything it was asked for so far. */
export interface RolloutProgress {
  /** Played or served. */
  readonly done: number;
  readonly total: number;
  /** Played in a second, while the pool had work; 0 before the first. */
  readonly perSecond: number;
  /** Milliseconds until the rest is played at this rate; Infinity before the first. */
  readonly etaMs: number;
  /** Spent by what was played here: what is served costs nothing again. */
  readonly tokens: number;
  readonly costUsd: number;
}

/** Counts for `onProgress`. */
export class ProgressMeter {
  #done = 0;
  #total = 0;
  #played = 0;
  #tokens = 0;
  #costUsd = 0;
  #busyMs = 0;
  #batches = 0;
  #since = 0;
  readonly #report: ((progress: RolloutProgress) => void) | undefined;

  constructor(report: ((progress: RolloutProgress) => void) | undefined) {
    this.#report = report;
  }

  begin(rollouts: number): void {
    if (this.#batches === 0) this.#since = performance.now();
    this.#batches += 1;
    this.#total += rollouts;
  }

  /** `left` were not done: their batch was cut off. */
  end(left: number): void {
    this.#batches -= 1;
    this.#total -= left;
    if (this.#batches === 0) this.#busyMs += performance.now() - this.#since;
  }

  played({ tokens, costUsd }: RolloutRecord): void {
    this.#played += 1;
    this.#tokens += tokens;
    this.#costUsd += costUsd;
  }

  done(): void {
    this.#done += 1;
    if (!this.#report) return;
    const busy = this.#busyMs + (this.#batches > 0 ? performance.now() - this.#since : 0);
    const perSecond = busy > 0 ? (1000 * this.#played) / busy : 0;
    const left = this.#total - this.#done;
    this.#report({
      done: this.#done,
      total: this.#total,
      perSecond,
      etaMs: left === 0 ? 0 : perSecond > 0 ? (1000 * left) / perSecond : Infinity,
      tokens: this.#tokens,
      costUsd: this.#costUsd,
    });
  }
}

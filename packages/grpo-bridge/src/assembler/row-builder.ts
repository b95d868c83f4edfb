import type { TrajectoryRow, TurnSpan } from "../records/index.ts";
import type { Turn } from "./turn.ts";

/** A row that grows. */
export class RowBuilder {
  #ids = new Int32Array(1024);
  #mask = new Uint8Array(1024);
  #logprobs = new Float32Array(1024);
  #turns: TurnSpan[] = [];
  length = 0;
  readonly promptLen: number;

  constructor(turn: Turn) {
    this.promptLen = turn.promptIds.length;
    this.append(turn);
  }

  /** Where the latest output starts. */
  get latestStart(): number {
    return this.#turns.at(-1)?.start ?? 0;
  }

  /** How many tokens at the start of `prompt` are those of the row. */
  commonPrefix(prompt: ArrayLike<number>): number {
    const ids = this.#ids;
    const most = Math.min(prompt.length, this.length);
    let at = 0;
    while (at < most && ids[at] === prompt[at]) at += 1;
    return at;
  }

  /** Takes the rest of the prompt as context and the output as trained. */
  append({ promptIds, outputIds, logprobs, seq, modelVersion = 0 }: Turn): void {
    const start = promptIds.length;
    this.#reserve(start + outputIds.length);
    for (let at = this.length; at < start; at += 1) this.#ids[at] = promptIds[at]!;
    this.#mask.fill(0, this.length, start);
    this.#logprobs.fill(0, this.length, start);
    for (let at = 0; at < outputIds.length; at += 1) {
      this.#ids[start + at] = outputIds[at]!;
      this.#logprobs[start + at] = logprobs[at]!;
    }
    this.#mask.fill(1, start, start + outputIds.length);
    this.length = start + outputIds.length;
    this.#turns.push({ seq, start, end: this.length, modelVersion });
  }

  /** Forgets what lies behind `length`; turns are cut with it. */
  truncate(length: number): void {
    this.length = length;
    this.#turns = this.#turns
      .filter(({ start }) => start < length)
      .map((turn) => (turn.end > length ? { ...turn, end: length } : turn));
  }

  /** Whether a turn is left when the row is cut to `length`. */
  keepsTurn(length: number): boolean {
    return this.#turns[0]!.start < length;
  }

  build(index: number): TrajectoryRow {
    return {
      index,
      promptLen: this.promptLen,
      tokenIds: this.#ids.slice(0, this.length),
      lossMask: this.#mask.slice(0, this.length),
      logprobs: this.#logprobs.slice(0, this.length),
      turns: [...this.#turns],
    };
  }

  #reserve(length: number): void {
    if (length <= this.#ids.length) return;
    const capacity = Math.max(length, 2 * this.#ids.length);
    const grown = <A extends { set(from: A): void }>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    this.#ids = grown(this.#ids, new Int32Array(capacity));
    this.#mask = grown(this.#mask, new Uint8Array(capacity));
    this.#logprobs = grown(this.#logprobs, new Float32Array(capacity));
  }
}

/** What can be seen in a step. */
export type SignalKind =
  | "repeat"
  | "loop"
  | "format_error"
  | "tool_error"
  | "truncated"
  | "recovery";

/** One signal, as `signal.schema.json` describes it. */
export type Signal = {
  readonly v: 1;
  readonly step: number;
  readonly kind: SignalKind;
  readonly polarity: "negative" | "positive";
  readonly weight: number;
  /** Id of the call; absent where the whole step is meant. */
  readonly call?: string;
  readonly tool?: string;
  /** The step with which it began. */
  readonly since?: number;
  /** Equal calls, rounds of the cycle, or failures before the recovery. */
  readonly times?: number;
  /** Error code of the tool's result. */
  readonly code?: string;
};

/** A signal before its weight is known. */
export type Sighting = Pick<Signal, "kind" | "call" | "tool" | "since" | "times" | "code">;

/** Options of the rl-signal processor. */
export interface RlSignalOptions {
  /** Name of the evaluation and of the log entries. */
  readonly name: string;
  /** How many calls to look back on. */
  readonly window: number;
  /** Equal calls with equal results within the window that make a repeat. */
  readonly minRepeats: number;
  /** Longest cycle in calls. */
  readonly maxPeriod: number;
  /** How often a cycle goes round before it is a loop. */
  readonly rounds: number;
  /** Most signals in the evaluation. */
  readonly maxSignals: number;
  /** 0 marks none of the kind. */
  readonly weights: Readonly<Record<SignalKind, number>>;
}

import type { ProcessorDefinition, ToolsDefinition } from "@harnessx/core";

/**
 * `wasm` for code that nobody vouches for; `process` for such code that needs Node; `trusted` runs
 * in the host's own process and holds nothing back.
 */
export type IsolationTier = "wasm" | "process" | "trusted";

/** What one sandbox may use. */
export interface IsolationLimits {
  /** Ticks of the engine's counter for one call into the plugin; one is about 10,000 loop turns or calls. */
  readonly fuel: number;
  readonly memoryBytes: number;
  readonly stackBytes: number;
  /** Milliseconds after which a call that fuel does not end is stopped, with every sandbox of the plugin. */
  readonly deadlineMs: number;
  /** Longest answer of one call, in characters. */
  readonly outputChars: number;
  /** Requests to the host during one call. */
  readonly hostCalls: number;
  /** The newest messages of a history that are shown; what is left out is counted in `omitted`. */
  readonly messages: number;
  /** Characters of one text part that are shown. */
  readonly textChars: number;
}

/** Limits for generated processors. */
export const defaultIsolationLimits: IsolationLimits = Object.freeze({
  fuel: 2_000,
  memoryBytes: 32 * 2 ** 20,
  stackBytes: 256 * 1024,
  deadlineMs: 5_000,
  outputChars: 2 ** 20,
  hostCalls: 1_000,
  messages: 1_000,
  textChars: 200_000,
});

/** One canary attack of a probe. */
export interface ProbeCheck {
  readonly attack: string;
  readonly held: boolean;
  readonly detail: string;
}

/** Whether a tier holds on this machine. */
export interface ProbeReport {
  readonly tier: IsolationTier;
  readonly ok: boolean;
  readonly checks: readonly ProbeCheck[];
}

/** A package to run in a tier. */
export interface IsolationSubject {
  /** What errors call it; the id of its entry in a manifest. */
  readonly id: string;
  /** The folder of the package. */
  readonly dir: string;
  /** What the package hashed to when it was admitted: other code than that is refused. */
  readonly integrity?: string;
}

/** A plugin whose code runs in a tier. */
export interface IsolatedPlugin {
  readonly tier: IsolationTier;
  /** Stands in for what the package exports. */
  readonly definition: ProcessorDefinition<never> | ToolsDefinition<never>;
  /** How often the plugin asked the host for something, by kind, over all its machines. */
  usage(): Readonly<Record<string, number>>;
  dispose(): Promise<void>;
}

/** A way of running plugin code. */
export interface Isolation {
  readonly tier: IsolationTier;
  /** Runs canary attacks here and now. */
  probe(): Promise<ProbeReport>;
  /** Throws HX_ISOLATION_UNAVAILABLE when the probe failed: a tier never stands in for another. */
  open(subject: IsolationSubject): Promise<IsolatedPlugin>;
  /** What plugins asked the host for, by the id they were opened with. */
  usage(): Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Ends everything that was opened. */
  dispose(): Promise<void>;
}

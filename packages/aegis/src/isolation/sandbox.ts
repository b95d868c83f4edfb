import type { IsolationLimits } from "./types.ts";

/** What one call into a machine came to. */
export interface Answer {
  /** The answer of the plugin's code; empty when it returned a promise. */
  readonly result?: string;
  /** What has become of promises. */
  readonly poll?: string;
  readonly ticks?: number;
  readonly failed?: "fuel" | "memory" | "time" | "data" | "stopped";
  readonly problem?: string;
}

/** What a machine needs of the host while it is open. */
export interface MachineHost {
  /** Answers what the machine asks; returns JSON and never throws. */
  ask(text: string): string;
  /** Promises have settled, or the machine is gone, without a call that would have said so. */
  later(answer: Answer): void;
}

/** Where the machines of one plugin run: what a session needs of it. */
export interface Sandbox {
  /** Why nothing can be asked of it any more. */
  readonly dead: string | undefined;
  /** Code in it can wait for more than the host: a promise that the host does not know about is not stuck. */
  readonly hasTimers: boolean;
  /** A new machine for one run. */
  open(host: MachineHost): Promise<number>;
  close(machine: number): void;
  /** A promise of the plugin is waited for (1), or is no more (-1). */
  hold?(by: 1 | -1): void;
  /** Calls into a machine and waits. */
  call(machine: number, text: string, now: number): Answer;
  terminate(): Promise<void>;
}

/** What is loaded into a sandbox: it can import its files, and of other modules what the tier has. */
export interface SandboxCode {
  /** The name of the file whose default export is the definition. */
  readonly entry: string;
  readonly files: ReadonlyMap<string, string>;
  readonly kind: "processor" | "tools";
  /** The folder of the package, for tiers that show it its files. */
  readonly dir?: string;
}

/** Starts a sandbox and loads the package into it. Throws a LoadFailure. */
export type StartSandbox = (code: SandboxCode, limits: IsolationLimits) => Promise<Sandbox>;

/** Milliseconds for a sandbox to start and load its package; a busy machine takes a second for it. */
export const LOAD_MS = 20_000;

/** Why the code of a package could not be loaded. */
export class LoadFailure extends Error {
  readonly failed: Answer["failed"];
  constructor(failed: Answer["failed"], problem: string) {
    super(problem);
    this.failed = failed;
  }
}

import type { Json } from "./json.ts";
import { slot } from "./slots.ts";

/** The folder in which the tools of a run work. */
export interface Workspace {
  /** Absolute path, symbolic links resolved. */
  readonly root: string;
  /** `isolated`: this run's own, gone or kept afterwards; `shared`: of all runs; `readonly`: nothing may be written. */
  readonly mode: "isolated" | "shared" | "home" | "readonly";
}

/** A program to run, without a shell. */
export interface CommandRequest {
  /** Program and arguments. */
  readonly argv: readonly [string, ...string[]];
  /** Absolute, or relative to the workspace (the workspace itself). */
  readonly cwd?: string;
  /** Added to what the provider passes on of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly timeoutMs: number;
  /** For each of stdout and stderr; what is beyond it is dropped in the middle. */
  readonly maxOutputBytes: number;
  readonly signal: AbortSignal;
}

/** What a program came to. */
export interface CommandResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Output was dropped. */
  readonly truncated: boolean;
  readonly timedOut: boolean;
}

/** Where programs run: this machine, a namespace, a container, another machine. */
export interface CommandSandbox {
  /** Such as `local`, `bubblewrap`; shown to people. */
  readonly kind: string;
  /** Rejects only when the program could not be started or the sandbox failed. */
  exec(request: CommandRequest): Promise<CommandResult>;
}

/** One thing worth remembering. */
export interface Memory {
  readonly id: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly tags?: readonly string[];
  readonly metadata?: Json;
}

/** A memory that a search found; a higher score is a better match. */
export interface FoundMemory extends Memory {
  readonly score: number;
}

/**
 * What an agent remembers from one run to the next. Processors call it inside `run.recorded`, so
 * that a replay sees what the run saw.
 */
export interface MemoryStore {
  /** Adds memories; one whose id is there already is replaced. */
  add(memories: readonly Memory[]): Promise<void>;
  /** The best matches first; `now` (milliseconds since 1970) is what age counts from. */
  search(
    query: string,
    options: { readonly limit: number; readonly now: number },
  ): Promise<readonly FoundMemory[]>;
  remove(ids: readonly string[]): Promise<void>;
  close?(): Promise<void>;
}

/** Slot of the run's workspace. */
export const workspaceSlot = slot<Workspace>("workspace");

/** Slot of what runs the programs of the run's tools. */
export const sandboxSlot = slot<CommandSandbox>("sandbox");

/** Slot of the agent's memory. */
export const memorySlot = slot<MemoryStore>("memory");

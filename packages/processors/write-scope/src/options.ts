import type { PathRule } from "./arguments.ts";

/** Options of the write-scope processor. */
export interface WriteScopeOptions {
  /** Folders whose contents may be written; relative ones are relative to `base`. */
  readonly roots: readonly string[];
  /** Names of files and folders that may not be written inside the roots either, with `*` for any text. */
  readonly deny: readonly string[];
  /** What relative paths are relative to: an absolute path. Without it the root of the workspace, if that is known. */
  readonly base?: string;
  /** Names of tools that are looked at, with `*` for any text. */
  readonly tools: readonly string[];
  /** Names of tools that are not, with `*` for any text. */
  readonly except: readonly string[];
  /** Tools with one of these tags write nothing. */
  readonly exceptTags: readonly string[];
  /** Last words of names of arguments that hold paths. */
  readonly argumentWords: readonly string[];
  /** Tools whose path arguments have other names: the first rule that names a tool holds in place of `argumentWords`. */
  readonly rules: readonly PathRule[];
  /** Names of tools that take commands, with `*` for any text. */
  readonly commandTools: readonly string[];
  /** Names of arguments that hold a command. */
  readonly commandArguments: readonly string[];
  /** Names of tools that may be given commands all the same, with `*` for any text. */
  readonly allowCommands: readonly string[];
  /** Result of a call with a path that is outside; `{tool}`, `{argument}`, `{path}`, `{problem}`, `{roots}`. */
  readonly message: string;
  /** Result of a call with a command; `{tool}`. */
  readonly commandMessage: string;
}

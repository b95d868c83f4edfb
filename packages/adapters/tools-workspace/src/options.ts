/** Options of the workspace tools; `options.schema.json` says the defaults. */
export interface WorkspaceToolsOptions {
  /** Folder to work in when no processor provides the slot `workspace`. */
  readonly root: string;
  /** Refuse every change of files, also in a workspace that could be written. */
  readonly readonly: boolean;
  /** Names of the tools to offer. */
  readonly tools: readonly WorkspaceToolName[];
  /** Which command tools work in a harness without a sandbox. */
  readonly withoutSandbox: "none" | "run" | "all";
  readonly maxFileBytes: number;
  readonly maxImageBytes: number;
  /** Lines that `read` shows when it is not told how many. */
  readonly maxLines: number;
  readonly maxLineChars: number;
  /** Results that `glob` and `grep` show. */
  readonly maxResults: number;
  /** Files and folders that `glob` and `grep` look at. */
  readonly maxEntries: number;
  /** Milliseconds that a command may take unless the call says otherwise. */
  readonly timeoutMs: number;
  /** The longest time that a call may ask for. */
  readonly maxTimeoutMs: number;
  /** Of each of stdout and stderr. */
  readonly maxOutputBytes: number;
}

/** The tools of this package. */
export type WorkspaceToolName = "read" | "write" | "edit" | "glob" | "grep" | "run" | "shell";

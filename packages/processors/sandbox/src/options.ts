/** Options of the sandbox processor; `options.schema.json` says the defaults. */
export interface SandboxOptions {
  readonly kind: "local" | "bubblewrap" | "command" | "http";
  /** Tell the model where its commands run. */
  readonly tell: boolean;
  /** Added to the small environment that commands get. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: ResourceLimits;
  readonly bubblewrap: {
    readonly network: boolean;
    /** Further files and folders that commands may read, at the same place. */
    readonly readable: readonly string[];
  };
  readonly command: {
    /** Program and arguments that a command is put behind. */
    readonly argv: readonly string[];
    /** What placeholders of `argv` stand for. */
    readonly values: Readonly<Record<string, string>>;
    /** Where the workspace lies inside; by default where it lies outside. */
    readonly inside?: string;
    /** Have `timeout` end the command inside, too. */
    readonly timeoutProgram: boolean;
    readonly enforcesReadonly: boolean;
  };
  readonly http: {
    readonly url?: string;
    readonly token?: { readonly env: string };
    readonly enforcesReadonly: boolean;
  };
}

/** Limits of each process; 0 is none. */
export interface ResourceLimits {
  readonly memoryMb: number;
  readonly cpuSeconds: number;
  readonly fileMb: number;
  readonly openFiles: number;
  /** Processes of the same user; in bubblewrap those of the sandbox. */
  readonly processes: number;
}

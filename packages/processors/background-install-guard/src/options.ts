/** Options of the background-install-guard processor. */
export interface BackgroundInstallGuardOptions {
  /** Names of tools that take commands, with `*` for any text. */
  readonly tools: readonly string[];
  /** Names of arguments that hold a command: a text for a shell, or a program and its arguments as a list. */
  readonly commandArguments: readonly string[];
  /** Names of arguments that make the tool go on without waiting when they are true. */
  readonly backgroundArguments: readonly string[];
  /** A program and the words that make it install, each with `*` for any text. */
  readonly installers: readonly string[];
  /** Result of a refused call; `{install}`. */
  readonly message: string;
}

/** What the exit status of `hx` means; the same for every command. */
export const exitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  error: 3,
  interrupted: 130,
} as const;

/** One of the exit statuses of `hx`. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** The documented table of exit statuses. */
export const exitCodeTable: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: exitCode.ok, meaning: "done, and what was asked about holds" },
  { code: exitCode.failed, meaning: "done, but the answer is no: a task, check or replay failed" },
  { code: exitCode.usage, meaning: "the command line is wrong" },
  { code: exitCode.error, meaning: "an error with a code stopped the command" },
  { code: exitCode.interrupted, meaning: "interrupted with Ctrl-C; what was recorded is kept" },
];

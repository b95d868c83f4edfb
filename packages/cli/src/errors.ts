import type { ErrorTable, HarnessXError } from "@harnessx/core";

/** A wrong command line: printed with a hint, exit status 2. */
export class UsageError extends Error {
  readonly code = "HX_CLI_USAGE";

  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = "UsageError";
  }
}

/** The error codes of the command line. */
export const cliErrors = {
  HX_CLI_MODEL_MISSING: {
    tag: "CliError",
    message: "No model is given.",
    hint: "Pass --models models.json. Suites also run offline: --suite household --model tiny-policy.",
  },
  HX_CLI_TASK_UNKNOWN: {
    tag: "CliError",
    message: "Suite {suite} has no task {task}.",
    hint: "An id or the start of one that fits a single task is needed; hx bench {suite} --json lists ids.",
  },
  HX_CLI_NO_ROUND: {
    tag: "CliError",
    message: "{dir} has no round of an evolution.",
    hint: "hx evolve <suite> plays the first one.",
  },
  HX_CLI_DATA_MISSING: {
    tag: "CliError",
    message: "The data of {data} is not there.",
    hint: "Set HARNESSX_DATA to the folder that holds {data}; generated suites need no data.",
  },
  HX_CLI_SUITE_EMPTY: {
    tag: "CliError",
    message: "Suite {suite} has no task in the split {split}.",
    hint: "Choose another --split or other suite options with --set.",
  },
  HX_CLI_SYSTEM: {
    tag: "CliError",
    message: "The system refuses {syscall} on {path}: {problem}.",
    hint: "Check that the path is right and that you may use it.",
  },
  HX_CLI_FILE_EXISTS: {
    tag: "CliError",
    message: "{path} is there already.",
    hint: "Choose another folder, or pass --force to overwrite it.",
  },
  HX_CLI_FOLDER_NOT_EMPTY: {
    tag: "CliError",
    message: "{dir} exists and is not empty.",
    hint: "Choose another name or pass --dir.",
  },
  HX_CLI_ENTRY_UNKNOWN: {
    tag: "CliError",
    message: "{file} has no entry {id}.",
    hint: "Its entries are: {known}.",
  },
  HX_CLI_ENTRY_TAKEN: {
    tag: "CliError",
    message: "{file} already has an entry {id}.",
    hint: "Pass --id for a second one; hx plugin add {id} alone records its present code.",
  },
  HX_CLI_NOT_AN_ENTRY: {
    tag: "CliError",
    message: "{package} is of kind {kind}, which a harness does not list.",
    hint: "Models go into models.json; a suite is named on the command line (hx bench {package}).",
  },
  HX_CLI_MANIFEST_NAME: {
    tag: "CliError",
    message: "{file} is not named harness.json.",
    hint: "hx changes a manifest together with its lock, as harness.json and harness.lock.json.",
  },
  HX_CLI_HARNESS_LOST: {
    tag: "CliError",
    message:
      "The harness of the trace names {package}, which lies neither here nor in a folder above the trace.",
    hint: "Pass --harness with the harness.json that the run was made with.",
  },
  HX_CLI_ENVIRONMENT_CHANGED: {
    tag: "CliError",
    message: "The environment answers call {call} otherwise than the trace of the run says.",
    hint: "Open the same suite with the same options: --suite and --set.",
  },
  HX_CLI_TEMPLATE_MISSING: {
    tag: "CliError",
    message: "The template package {package} is not installed.",
    hint: "Install harnessx again; it depends on the template.",
  },
  HX_CLI_FAULT: {
    tag: "CliError",
    message: "hx failed: {problem}.",
    hint: "This is a defect of HarnessX; report it with the command line. HX_DEBUG=1 prints the stack.",
  },
} as const satisfies ErrorTable;

/** An error code of the command line. */
export type CliErrorCode = keyof typeof cliErrors;

/** Makes an error of the command line. Asynchronous, because core is loaded only when needed. */
export async function cliError(
  code: CliErrorCode,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): Promise<HarnessXError> {
  const { defineErrors } = await import("@harnessx/core");
  return defineErrors(cliErrors)(code, details, cause);
}

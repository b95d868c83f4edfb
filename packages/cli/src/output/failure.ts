import { cliErrors, UsageError, type CliErrorCode } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import type { Session } from "../session.ts";
import { styleFor } from "./style.ts";
import { block } from "./text.ts";

/** What `--json` prints of a failure. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Anything thrown as a failure with a code, and the exit status that it means. */
export function failureOf(thrown: unknown): { readonly failure: Failure; readonly exit: ExitCode } {
  if (thrown instanceof UsageError) {
    const { code, message, hint } = thrown;
    return { failure: { code, message, hint, details: {} }, exit: exitCode.usage };
  }
  if (isCoded(thrown)) {
    const { code, message, hint, details } = thrown;
    return { failure: { code, message, hint, details: details ?? {} }, exit: exitCode.error };
  }
  const { syscall, path, message } = thrown as NodeJS.ErrnoException;
  if (typeof syscall === "string" && typeof path === "string") {
    return {
      failure: failed("HX_CLI_SYSTEM", { syscall, path, problem: message }),
      exit: exitCode.error,
    };
  }
  const problem = thrown instanceof Error ? message : String(thrown);
  return { failure: failed("HX_CLI_FAULT", { problem }), exit: exitCode.error };
}

/** Like `cliError`, for what must be said even if core cannot be loaded. */
function failed(code: CliErrorCode, details: Readonly<Record<string, string>>): Failure {
  const { message, hint } = cliErrors[code];
  return {
    code,
    message: message.replaceAll(/\{(\w+)\}/g, (whole, name: string) => details[name] ?? whole),
    hint,
    details,
  };
}

/** Core's errors and those of adapters, which carry the same fields without core's class. */
function isCoded(thrown: unknown): thrown is Error & Omit<Failure, "details"> & Partial<Failure> {
  if (!(thrown instanceof Error)) return false;
  const { code, hint } = thrown as Partial<Failure>;
  return typeof code === "string" && code.startsWith("HX_") && typeof hint === "string";
}

/** Prints a failure: `code: message` and the hint on stderr, or the object on stdout with `--json`. */
export function printFailure(session: Session, thrown: unknown): ExitCode {
  const { failure, exit } = failureOf(thrown);
  const { io } = session;
  if (session.json) {
    io.stdout.write(`${JSON.stringify(failure, null, 2)}\n`);
  } else {
    const style = styleFor(io.stderr, io.env);
    const width = Math.min(io.stderr.columns ?? 80, 100);
    const [first = "", ...rest] = block(`${failure.code}: ${failure.message}`, "", width).split(
      "\n",
    );
    const head = first.replace(failure.code, style.red(failure.code));
    io.stderr.write([head, ...rest, style.dim(block(failure.hint, "  ", width)), ""].join("\n"));
  }
  if (io.env["HX_DEBUG"] && thrown instanceof Error) {
    io.stderr.write(`${thrown.stack}\n`);
    if (thrown.cause instanceof Error) io.stderr.write(`caused by: ${thrown.cause.stack}\n`);
  }
  return exit;
}

import type { Command } from "commander";
import { collect, integer } from "./command.ts";
import { UsageError } from "./errors.ts";
import type { ModelChoice } from "./models.ts";
import type { Session } from "./session.ts";

/** What the commands that serve an agent over HTTP have in common. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** `false` with `--no-token`. */
  readonly token?: string | boolean;
  readonly tokenEnv?: string;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
}

/** What is served. */
export interface ServedOptions extends ModelChoice {
  readonly harness?: string;
  readonly traceDir: string;
  readonly maxRuns?: number;
}

/** Adds the options that say where a server listens and whom it answers. */
export const listenOptions = (made: Command): Command =>
  made
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <n>", "port, 0 for any that is free", integer(0), 0)
    .option("--token <token>", "bearer token that clients must send (default: a random one)")
    .option("--token-env <name>", "environment variable with the token")
    .option("--no-token", "ask for no token; on a loopback address only")
    .option(
      "--allow-host <name>",
      "host name that clients use; may be repeated (default: loopback names and the address)",
      collect,
    )
    .option("--allow-origin <origin>", "web page that may call; may be repeated", collect);

/** The token of a command line: a text, `false` for none, undefined for a random one. */
export function tokenOf(session: Session, options: ListenOptions): string | false | undefined {
  const { token, tokenEnv } = options;
  if (token === false) return false;
  if (tokenEnv === undefined) return typeof token === "string" ? token : undefined;
  if (typeof token === "string")
    throw new UsageError("--token and --token-env exclude each other.", "Keep one of the two.");
  const value = session.io.env[tokenEnv];
  if (!value)
    throw new UsageError(
      `The environment variable ${tokenEnv} is not set.`,
      "Set it, or leave --token-env out for a random token.",
    );
  return value;
}

/** Resolves on Ctrl-C, which is how a server ends, or when `closed` does. */
export async function untilInterrupted(session: Session, closed?: Promise<void>): Promise<void> {
  let release = (): void => undefined;
  const interrupted = new Promise<void>((resolve) => {
    release = session.io.onInterrupt(resolve);
  });
  await Promise.race([interrupted, ...(closed ? [closed] : [])]);
  release();
}

import type { CommandRequest, CommandResult } from "@harnessx/core/plugin";
import { runProcess } from "./run-process.ts";

/** What a command gets of this process's environment: no keys and no tokens. */
const PASSED = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"] as const;

/** Runs a command on this machine, without any wall, with a small environment. */
export function runLocally(
  request: CommandRequest & { readonly cwd: string },
): Promise<CommandResult> {
  return runProcess({ ...request, env: { ...passedEnvironment(), ...request.env } });
}

function passedEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of PASSED) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

import { resolve } from "node:path";
import type { CommandSandbox, Slots } from "@harnessx/core/plugin";
import { sandboxError } from "../errors.ts";
import type { SandboxOptions } from "../options.ts";
import { passedEnvironment } from "../process/environment.ts";
import { limited } from "../process/limited.ts";
import { runProcess } from "../process/run-process.ts";
import { workspaceOf } from "../workspace.ts";

/** Processes of this machine, with the rights of this one: groups and limits, but no wall. */
export function localSandbox(
  slots: Pick<Slots, "get">,
  { env, limits }: SandboxOptions,
  prlimit: string | undefined,
): CommandSandbox {
  const kind = "local";
  return {
    kind,
    async exec(request) {
      const workspace = await workspaceOf(slots, kind);
      if (workspace?.isReadonly) throw sandboxError("HX_SANDBOX_READONLY", { kind });
      return runProcess({
        ...request,
        argv: limited(request.argv, prlimit, limits),
        cwd: resolve(workspace?.root ?? ".", request.cwd ?? "."),
        env: { ...passedEnvironment(), ...env, ...request.env },
      });
    },
  };
}

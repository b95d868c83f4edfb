import { defineProcessor, replace, sandboxSlot, type CommandSandbox } from "@harnessx/core/plugin";
import { sandboxError } from "./errors.ts";
import { bubblewrapSandbox, probeBubblewrap } from "./kinds/bubblewrap.ts";
import { commandSandbox, templateProblem } from "./kinds/command.ts";
import { httpSandbox, serverProblem } from "./kinds/http.ts";
import { localSandbox } from "./kinds/local.ts";
import type { SandboxOptions } from "./options.ts";
import { findProgram } from "./process/find-program.ts";

export type { ResourceLimits, SandboxOptions } from "./options.ts";

/** Provides the slot `sandbox`: where the programs of the run's tools run. */
export default defineProcessor<SandboxOptions>(async (run, options) => {
  const { kind } = options;
  run.hooks.taskStart.tap("tell", (event) =>
    options.tell ? replace(event.appendSystem(describe(options))) : undefined,
  );

  const problem = problemOf(options);
  if (problem !== undefined) throw sandboxError("HX_SANDBOX_OPTIONS", { kind, problem });
  const machine = await run.recorded("sandbox", () => look(options));
  if ("problem" in machine)
    throw sandboxError("HX_SANDBOX_UNAVAILABLE", { kind, problem: machine.problem });
  const make = (): CommandSandbox => {
    switch (kind) {
      case "local":
        return localSandbox(run.slots, options, machine.prlimit);
      case "bubblewrap":
        return bubblewrapSandbox(run.slots, options, {
          bwrap: machine.bwrap ?? "bwrap",
          prlimit: machine.prlimit,
        });
      case "command":
        return commandSandbox(run.slots, options, run.id);
      case "http":
        return httpSandbox(run.slots, options);
    }
  };
  run.slots.provide(sandboxSlot, make());
});

function problemOf(options: SandboxOptions): string | undefined {
  if (options.kind === "command") return templateProblem(options);
  return options.kind === "http" ? serverProblem(options) : undefined;
}

/** What the machine has; plain data, because it is recorded. */
type Machine =
  | { readonly problem: string }
  | { readonly prlimit?: string; readonly bwrap?: string };

async function look(options: SandboxOptions): Promise<Machine> {
  const { kind } = options;
  if (kind !== "local" && kind !== "bubblewrap") return {};
  const prlimit = await findProgram("prlimit");
  const found = prlimit === undefined ? {} : { prlimit };
  if (kind === "local") return found;
  const probed = await probeBubblewrap(options);
  return "problem" in probed ? probed : { ...found, ...probed };
}

function describe({ kind, bubblewrap }: SandboxOptions): string {
  switch (kind) {
    case "local":
      return "Commands run on the user's machine, in the working folder.";
    case "bubblewrap":
      return `Commands run in a sandbox: of the machine they see programs and the working folder${bubblewrap.network ? "" : ", and they have no network"}. Only the working folder and /tmp can be written, and /tmp is empty for each command.`;
    case "command":
      return "Commands run in a container that holds the working folder.";
    case "http":
      return "Commands run on another machine that holds the working folder.";
  }
}

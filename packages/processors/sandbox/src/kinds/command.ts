import { posix } from "node:path";
import type { CommandRequest, CommandSandbox, Slots } from "@harnessx/core/plugin";
import { sandboxError } from "../errors.ts";
import type { SandboxOptions } from "../options.ts";
import { passedEnvironment } from "../process/environment.ts";
import { runProcess } from "../process/run-process.ts";
import { relativeFolder, requireWorkspace } from "../workspace.ts";

/** Placeholders that the sandbox itself knows. */
const OWN = ["cwd", "run"] as const;

/** Why the template cannot be used; undefined when it can. */
export function templateProblem({ command: { argv, values } }: SandboxOptions): string | undefined {
  if (argv.length === 0) return "command.argv is empty";
  const known = [...OWN, ...Object.keys(values)];
  const unknown = argv
    .flatMap((piece) => [...piece.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))
    .find((name) => !known.includes(name));
  return unknown === undefined
    ? undefined
    : `the placeholder {${unknown}} is none of ${known.join(", ")}`;
}

/** Commands behind another command, such as `docker exec`: an array behind an array, no shell. */
export function commandSandbox(
  slots: Pick<Slots, "get">,
  options: SandboxOptions,
  runId: string,
): CommandSandbox {
  const kind = "command";
  const { argv: template, values, inside, timeoutProgram, enforcesReadonly } = options.command;
  return {
    kind,
    async exec(request) {
      const workspace = await requireWorkspace(slots, kind);
      if (workspace.isReadonly && !enforcesReadonly)
        throw sandboxError("HX_SANDBOX_READONLY", { kind });
      const folder = relativeFolder(workspace, request.cwd ?? ".", kind);
      const cwd = posix.join(inside ?? workspace.root, folder);
      const known: Readonly<Record<string, string>> = { ...values, cwd, run: runId };
      const outer = template.map((piece) =>
        piece.replace(/\{(\w+)\}/g, (whole, name: string) => known[name] ?? whole),
      ) as [string, ...string[]];
      return runProcess({
        ...request,
        argv: [...outer, ...within(request, timeoutProgram)],
        cwd: workspace.root,
        env: { ...passedEnvironment(), ...options.env },
      });
    },
  };
}

/** To kill a container's client does not kill what it started inside: `timeout` does. */
function within({ argv, env = {}, timeoutMs }: CommandRequest, timeoutProgram: boolean): string[] {
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return [
    ...(timeoutProgram ? ["timeout", "-s", "KILL", String(Math.ceil(timeoutMs / 1000))] : []),
    ...(assignments.length > 0 ? ["env", ...assignments] : []),
    ...argv,
  ];
}

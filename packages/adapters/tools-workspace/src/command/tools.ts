import { tool, type JsonSchema, type Tool } from "@harnessx/core/plugin";
import type { WorkspaceToolsOptions } from "../options.ts";
import type { FindPlace } from "../place/place.ts";
import { withCodes } from "../result.ts";
import { commandRunner, type CommandCall } from "./execute.ts";

/** Room for a sandbox to end a command and to answer, beyond the command's own time. */
const GRACE_MS = 15_000;

type Common = Pick<CommandCall, "cwd" | "timeoutMs">;

/** The tool `run`: a program with its arguments, no shell. */
export function runTool(options: WorkspaceToolsOptions, findPlace: FindPlace): Tool {
  const execute = commandRunner(options, findPlace);
  return tool<Common & { argv: [string, ...string[]]; stdin?: string }>({
    name: "run",
    description:
      "Runs a program with arguments in the workspace, without a shell: no pipes, no globs, no variables. Shows exit code, stdout and stderr. What it leaves running is ended.",
    inputSchema: schemaWith(options, {
      argv: {
        type: "array",
        items: { type: "string", pattern: "^[^\\0]*$" },
        minItems: 1,
        description: 'Program and arguments, such as ["npm", "test"].',
      },
      stdin: { type: "string", description: "What the program reads from standard input." },
    }),
    timeoutMs: options.maxTimeoutMs + GRACE_MS,
    onLostResult: "report",
    execute: withCodes((input, context) => execute({ tool: "run", ...input }, context)),
  });
}

/** The tool `shell`: a command line for bash. */
export function shellTool(options: WorkspaceToolsOptions, findPlace: FindPlace): Tool {
  const execute = commandRunner(options, findPlace);
  return tool<Common & { command: string }>({
    name: "shell",
    description:
      "Runs a command line with bash in the workspace. Shows exit code, stdout and stderr. Every call starts a new shell; what it leaves running is ended.",
    inputSchema: schemaWith(options, {
      command: { type: "string", minLength: 1, pattern: "^[^\\0]*$" },
    }),
    timeoutMs: options.maxTimeoutMs + GRACE_MS,
    onLostResult: "report",
    // The line is one argument of bash: no text of ours is around it.
    execute: withCodes(({ command, ...rest }, context) =>
      execute({ tool: "shell", argv: ["/bin/bash", "-c", command], ...rest }, context),
    ),
  });
}

function schemaWith(
  { timeoutMs, maxTimeoutMs }: WorkspaceToolsOptions,
  properties: Readonly<Record<string, JsonSchema>>,
): JsonSchema {
  return {
    type: "object",
    properties: {
      ...properties,
      cwd: { type: "string", default: ".", description: "Folder, relative to the workspace." },
      timeoutMs: {
        type: "integer",
        minimum: 1,
        maximum: maxTimeoutMs,
        default: Math.min(timeoutMs, maxTimeoutMs),
        description: "Milliseconds after which it is killed.",
      },
    },
    required: [Object.keys(properties)[0]],
    additionalProperties: false,
  };
}

import {
  sandboxSlot,
  type CommandRequest,
  type CommandResult,
  type ToolContext,
  type ToolResult,
} from "@harnessx/core/plugin";
import { workspaceError } from "../errors.ts";
import type { WorkspaceToolsOptions } from "../options.ts";
import { openFolder } from "../place/open.ts";
import type { FindPlace } from "../place/place.ts";
import { runLocally } from "./local.ts";

/** A command as a tool asks for it. */
export interface CommandCall {
  readonly tool: "run" | "shell";
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly stdin?: string;
  readonly timeoutMs?: number;
}

/** Runs a command of a tool in the run's sandbox, or where the options allow it without one. */
export function commandRunner(options: WorkspaceToolsOptions, findPlace: FindPlace) {
  return async (call: CommandCall, context: ToolContext): Promise<ToolResult> => {
    const place = await findPlace(context);
    const { handle, path: cwd } = await openFolder(place, call.cwd ?? ".");
    await handle.close();
    const sandbox = context.slots.get(sandboxSlot);
    if (place.readonly && !(sandbox && place.isReadonlySlot)) refuse(call.tool, unprotected);
    if (!sandbox && !["all", call.tool].includes(options.withoutSandbox))
      refuse(call.tool, "there is no sandbox");
    const timeoutMs = Math.min(call.timeoutMs ?? options.timeoutMs, options.maxTimeoutMs);
    const request: CommandRequest & { readonly cwd: string } = {
      argv: call.argv,
      cwd,
      ...(call.stdin === undefined ? {} : { stdin: call.stdin }),
      timeoutMs,
      maxOutputBytes: options.maxOutputBytes,
      signal: context.signal,
    };
    const result = await (sandbox ? sandbox.exec(request) : runLocally(request)).catch(
      (thrown: unknown) => {
        context.signal.throwIfAborted();
        const problem = thrown instanceof Error ? thrown.message : String(thrown);
        throw workspaceError("HX_WORKSPACE_COMMAND", { problem }, thrown);
      },
    );
    return show(result, timeoutMs);
  };
}

const unprotected = "nothing would keep a command from writing to the read-only workspace";

function refuse(tool: CommandCall["tool"], problem: string): never {
  throw workspaceError("HX_WORKSPACE_NO_SANDBOX", { tool, problem });
}

function show(result: CommandResult, timeoutMs: number): ToolResult {
  const { exitCode, stdout, stderr, truncated, timedOut } = result;
  const end = timedOut
    ? `Killed after ${timeoutMs} ms: it was not finished. The exit code is unknown.`
    : exitCode === null
      ? "Ended by a signal."
      : `Exit code ${exitCode}.`;
  const sections = [
    end,
    ...(stdout === "" ? [] : [`stdout:\n${stdout.trimEnd()}`]),
    ...(stderr === "" ? [] : [`stderr:\n${stderr.trimEnd()}`]),
    ...(stdout === "" && stderr === "" ? ["(no output)"] : []),
  ];
  return {
    status: timedOut ? "timeout" : "ok",
    content: sections.join("\n"),
    structured: { exitCode, timedOut, truncated },
  };
}

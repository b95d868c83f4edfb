import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "@harnessx/core";
import {
  HarnessXError,
  sandboxSlot,
  tool,
  type CommandRequest,
  type CommandResult,
} from "@harnessx/core/plugin";
import { runProcessor } from "@harnessx/core/testing";
import { afterAll } from "vitest";

/** The folder of this package. */
export const dir = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new empty folder, removed when the file's tests are over. */
export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "harnessx-sandbox-")));
  folders.push(folder);
  return folder;
}

/** What became of a command: its result, or the code of the error. */
export type Outcome = CommandResult & { readonly code?: string; readonly problem?: string };

const nothing: CommandResult = {
  exitCode: null,
  stdout: "",
  stderr: "",
  truncated: false,
  timedOut: false,
};

/** Runs a command through the slot that the processor provides in a real run. */
export async function execIn(
  workspace: JsonObject | undefined,
  options: JsonObject,
  argv: readonly string[],
  request: Partial<CommandRequest> = {},
) {
  let outcome: Outcome | undefined;
  let kind: string | undefined;
  const exec = tool({
    name: "exec",
    description: "Runs the command.",
    inputSchema: { type: "object" },
    execute: async (_input, { slots, signal }) => {
      const sandbox = slots.get(sandboxSlot)!;
      kind = sandbox.kind;
      outcome = await sandbox
        .exec({
          argv: argv as [string, ...string[]],
          timeoutMs: 20_000,
          maxOutputBytes: 10_000,
          signal,
          ...request,
        })
        .catch((thrown: Error) => ({
          ...nothing,
          code: HarnessXError.isInstance(thrown) ? thrown.code : thrown.name,
          problem: thrown.message,
        }));
      return "Done.";
    },
  });
  const { result, requests } = await runProcessor(dir, {
    script: [{ calls: [{ name: "exec" }] }, { text: "Done." }],
    tools: [exec],
    options,
    ...(workspace ? { slots: { workspace } } : {}),
  });
  return { result, requests, kind, outcome: outcome ?? { ...nothing, code: "not run" } };
}

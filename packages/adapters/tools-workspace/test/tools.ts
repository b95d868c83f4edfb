import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadHarness, type JsonObject } from "@harnessx/core";
import { textOf, type ToolContext, type ToolResult } from "@harnessx/core/plugin";
import { toolContext } from "@harnessx/core/testing";
import { afterAll } from "vitest";

export const packageDir = fileURLToPath(new URL("..", import.meta.url));

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new empty folder, removed when the file's tests are over. */
export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "harnessx-tools-")));
  folders.push(folder);
  return folder;
}

/** Calls tools of the package as a harness loads it, in a workspace. */
export async function toolsIn(root: string, options: JsonObject = {}) {
  const harness = await loadHarness(
    {
      name: "test",
      version: "1",
      tools: [{ id: "files", use: "./tools-workspace", options: { root, ...options } }],
    },
    { root: dirname(packageDir.replace(/\/$/, "")), lock: false },
  );
  return async (
    name: string,
    input: JsonObject,
    context: Partial<ToolContext> = {},
  ): Promise<ToolResult & { readonly text: string }> => {
    const tool = harness.tools.find((candidate) => candidate.name === name)!;
    const answer = await tool.execute(input as never, toolContext(context));
    const result: ToolResult =
      typeof answer === "string" ? { status: "ok", content: answer } : answer;
    return { ...result, text: textOf(result.content) };
  };
}

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createAgent, loadHarness, scriptedModel, textOf, type ToolsEntry } from "@harnessx/core";
import { assertConformant } from "@harnessx/core/testing";
import { expect, it } from "vitest";
import { newFolder, packageDir } from "./tools.ts";

it.each([undefined, { tools: ["read", "grep"], readonly: true, withoutSandbox: "none" }])(
  "keeps the plugin contract with %j",
  async (options) => {
    await assertConformant(packageDir, options ? { options } : {});
  },
);

it("works as the README's example says", async () => {
  const readme = readFileSync(join(packageDir, "README.md"), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as { id: string };
  const root = newFolder();
  writeFileSync(join(root, "greeting.txt"), "Hello.\n");
  const harness = await loadHarness(
    {
      name: "test",
      version: "1",
      tools: [{ ...entry, use: "./tools-workspace" } as ToolsEntry],
      slots: { workspace: { root } },
    },
    { root: dirname(packageDir.replace(/\/$/, "")), lock: false },
  );
  const calls = [
    { name: "grep", input: { pattern: "hello", ignoreCase: true } },
    { name: "edit", input: { path: "greeting.txt", oldText: "Hello", newText: "Bye" } },
    { name: "run", input: { argv: ["cat", "greeting.txt"] } },
  ];
  const agent = createAgent({
    harness,
    models: {
      main: scriptedModel(({ messages }, call) =>
        call < calls.length ? { calls: [calls[call]!] } : { text: textOf(messages.at(-1)!) },
      ),
    },
  });
  const { exit, output } = await agent.run("Say goodbye.");
  expect({ exit, output }).toEqual({ exit: "done", output: "Exit code 0.\nstdout:\nBye." });
  expect(
    harness.tools.filter(({ tags }) => tags?.includes("read-only")).map((t) => t.name),
  ).toEqual(["read", "glob", "grep"]);
});

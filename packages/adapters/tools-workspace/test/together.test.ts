import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createAgent, loadHarness, scriptedModel, textOf } from "@harnessx/core";
import { describe, expect, it } from "vitest";
import { newFolder, packageDir } from "./tools.ts";

function hasBubblewrap(): boolean {
  try {
    const flags = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc"];
    execFileSync("env", ["bwrap", ...flags, "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** The three packages as a manifest puts them together: they meet in the run's slots alone. */
async function said(mode: "shared" | "readonly", folder: string, commands: readonly string[]) {
  const harness = await loadHarness(
    {
      name: "coder",
      version: "1",
      processors: [
        { id: "workspace", use: "../processors/workspace", options: { mode, folder } },
        { id: "sandbox", use: "../processors/sandbox", options: { kind: "bubblewrap" } },
      ],
      tools: [{ id: "files", use: "./tools-workspace", options: { root: "/nowhere" } }],
    },
    { root: dirname(packageDir.replace(/\/$/, "")), lock: false },
  );
  const results: string[] = [];
  const main = scriptedModel(({ messages }, call) => {
    if (call > 0) results.push(textOf(messages.at(-1)!));
    const command = commands[call];
    return command === undefined
      ? { text: "Done." }
      : { calls: [{ name: "shell", input: { command } }] };
  });
  const { exit } = await createAgent({ harness, models: { main } }).run("Go.");
  return { exit, results };
}

describe.runIf(hasBubblewrap())("workspace, sandbox and tools", () => {
  it("confine a shell to the workspace, too", async () => {
    const [folder, outside] = [newFolder(), newFolder()];
    writeFileSync(join(outside, "secret"), "the secret");
    const { exit, results } = await said("shared", folder, [
      `echo made > f; cat f ${outside}/secret; touch ${outside}/g; rm -rf ${outside}`,
    ]);
    expect(exit).toBe("done");
    expect(results[0]).toContain("stdout:\nmade");
    expect(results[0]).not.toContain("the secret");
    expect(readdirSync(folder)).toEqual(["f"]);
    expect(readdirSync(outside)).toEqual(["secret"]);
  });

  it("keep a read-only workspace as it is, and let it be read", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "f"), "content");
    const { results } = await said("readonly", folder, ["cat f | tr c C", "rm f; echo x > g"]);
    expect(results[0]).toBe("Exit code 0.\nstdout:\nContent");
    expect(results[1]).toContain("Read-only file system");
    expect(readdirSync(folder)).toEqual(["f"]);
  });
});

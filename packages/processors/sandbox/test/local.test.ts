import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { textOf } from "@harnessx/core/plugin";
import { assertConformant } from "@harnessx/core/testing";
import { expect, it } from "vitest";
import { dir, execIn, newFolder } from "./commands.ts";

it.each([
  undefined,
  { tell: false, limits: { memoryMb: 0, processes: 100 }, env: { A: "b" } },
  { kind: "command", command: { argv: ["env"] } },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

it("runs in the workspace, with a small environment", async () => {
  const root = newFolder();
  mkdirSync(join(root, "sub"));
  process.env["A_SECRET_KEY"] = "hidden";
  const { outcome, kind, requests } = await execIn(
    { root },
    { env: { FROM: "options" } },
    ["bash", "-c", "pwd; env; cat; exit 3"],
    { cwd: "sub", env: { WITH: "request" }, stdin: "typed" },
  );
  delete process.env["A_SECRET_KEY"];
  expect(kind).toBe("local");
  expect(outcome).toMatchObject({ exitCode: 3, timedOut: false, truncated: false });
  for (const said of [join(root, "sub"), "FROM=options", "WITH=request", "typed", "PATH="])
    expect(outcome.stdout).toContain(said);
  expect(outcome.stdout).not.toContain("hidden");
  expect(textOf(requests[0]!.messages.at(0)!)).toContain("on the user's machine");
});

it("says nothing to the model when it is not to", async () => {
  const { requests } = await execIn({ root: newFolder() }, { tell: false }, ["true"]);
  expect(requests[0]!.messages.at(0)?.role).toBe("user");
});

it("kills at the deadline and reports a program that is not there", async () => {
  const root = newFolder();
  const late = await execIn({ root }, {}, ["yes"], { timeoutMs: 200, maxOutputBytes: 100 });
  expect(late.outcome).toMatchObject({ exitCode: null, timedOut: true, truncated: true });
  const missing = await execIn({ root }, { limits: noLimits }, ["no-such-program"]);
  expect(missing.outcome.problem).toContain("ENOENT");
});

const noLimits = { memoryMb: 0, cpuSeconds: 0, fileMb: 0, openFiles: 0, processes: 0 };

it.runIf(existsSync("/usr/bin/prlimit"))("keeps the limits of a process", async () => {
  const root = newFolder();
  const write = ["bash", "-c", "head -c 3000000 /dev/zero > big; echo $?; ulimit -n; ulimit -c"];
  const small = await execIn({ root }, { limits: { fileMb: 1, openFiles: 64 } }, write);
  expect(small.outcome.stdout.trim().split("\n").slice(-2)).toEqual(["64", "0"]);
  expect(readFileSync(join(root, "big"))).toHaveLength(2 ** 20);
  const free = await execIn({ root }, { limits: { fileMb: 0 } }, write);
  expect(free.outcome.stdout).toMatch(/^0\n/);
});

it("refuses a read-only workspace, which it cannot protect", async () => {
  const root = newFolder();
  const { outcome } = await execIn({ root, mode: "readonly" }, {}, ["touch", "made"]);
  expect(outcome.code).toBe("HX_SANDBOX_READONLY");
  expect(existsSync(join(root, "made"))).toBe(false);
  const shared = await execIn({ root, mode: "shared" }, {}, ["touch", "made"]);
  expect(shared.outcome.exitCode).toBe(0);
});

it("runs as the README's example says", async () => {
  const readme = readFileSync(join(dir, "README.md"), "utf8");
  const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    readonly options: { readonly kind: string };
  };
  const root = newFolder();
  writeFileSync(join(root, "f"), "content");
  const { result, outcome } = await execIn({ root }, options, ["cat", "f"]);
  // The example walls commands in: where that cannot be had it must not run at all.
  const isWalled = result.exit === "done";
  expect(isWalled ? outcome.stdout : result.error?.code).toBe(
    isWalled ? "content" : "HX_SANDBOX_UNAVAILABLE",
  );
});

it("has the same process runner as the workspace tools", () => {
  // Neither package may import the other; this keeps the copies from drifting apart.
  const tools = join(dir, "../../adapters/tools-workspace/src/command");
  for (const file of ["run-process.ts", "capped-output.ts", "marked.ts"])
    expect(readFileSync(join(dir, "src/process", file), "utf8")).toBe(
      readFileSync(join(tools, file), "utf8"),
    );
});

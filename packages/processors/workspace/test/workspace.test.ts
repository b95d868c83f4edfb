import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createAgent, loadHarness, scriptedModel, type JsonObject } from "@harnessx/core";
import { tool, workspaceSlot, type Workspace } from "@harnessx/core/plugin";
import { assertConformant, runProcessor } from "@harnessx/core/testing";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

const dir = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const start = process.cwd();
let base: string;
const bases: string[] = [];

// Relative paths refer to the working folder: each test has one of its own.
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "harnessx-workspace-")));
  bases.push(base);
  process.chdir(base);
});
afterAll(() => {
  process.chdir(start);
  for (const folder of bases) rmSync(folder, { recursive: true, force: true });
});

/** Notes the workspace of its run and leaves a file in it. */
const visits: { readonly workspace: Workspace | undefined; readonly files: readonly string[] }[] =
  [];
const visit = tool({
  name: "visit",
  description: "Notes where it is.",
  inputSchema: { type: "object" },
  execute: (_input, { slots }) => {
    const workspace = slots.get(workspaceSlot);
    visits.push({ workspace, files: workspace ? readdirSync(workspace.root).sort() : [] });
    if (workspace && workspace.mode !== "readonly")
      writeFileSync(join(workspace.root, "mark"), "x");
    return "Noted.";
  },
});
const script = [{ calls: [{ name: "visit" }] }, { text: "Done." }];

async function visited(options: JsonObject) {
  const { result, events } = await runProcessor(dir, { script, tools: [visit], options });
  return { result, events, ...visits.at(-1)! };
}

it.each([
  undefined,
  { keep: false },
  { mode: "shared", folder: "." },
  { mode: "home", folder: "homes", agent: "ada" },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("isolated", () => {
  it("gives each run a folder that its id names, and keeps it", async () => {
    const one = await visited({});
    const two = await visited({});
    for (const { result, workspace, files } of [one, two]) {
      const root = join(base, ".harnessx", "workspaces", result.runId);
      expect(workspace).toEqual({ root, mode: "isolated" });
      expect(files).toEqual([]);
      expect(readdirSync(root)).toEqual(["mark"]);
    }
    expect(one.workspace?.root).not.toBe(two.workspace?.root);
  });

  it("begins with a copy of the template and leaves the template alone", async () => {
    mkdirSync("start/sub", { recursive: true });
    writeFileSync("start/sub/f", "content");
    const { workspace, files } = await visited({ folder: "w", template: "start" });
    expect(files).toEqual(["sub"]);
    expect(readFileSync(join(workspace!.root, "sub/f"), "utf8")).toBe("content");
    expect(readdirSync("start")).toEqual(["sub"]);
    expect(readdirSync("w")).toHaveLength(1);
  });

  it("goes at the end of the run when it is not kept", async () => {
    const { workspace, result } = await visited({ folder: "w", keep: false });
    expect(result.exit).toBe("done");
    expect(existsSync(workspace!.root)).toBe(false);
    expect(existsSync("w")).toBe(true);
  });

  it("leaves no half-made folder behind a template that is not there", async () => {
    const { result } = await runProcessor(dir, {
      script,
      options: { folder: "w", template: "none" },
    });
    expect(result).toMatchObject({
      exit: "harness_fault",
      error: { code: "HX_WORKSPACE_UNAVAILABLE" },
    });
    expect(readdirSync("w")).toEqual([]);
  });
});

describe("a run that goes on", () => {
  const agentWith = async (options: JsonObject) =>
    createAgent({
      harness: await loadHarness(
        { name: "t", version: "1", processors: [{ id: "w", use: "./workspace", options }] },
        { root: dirname(dir), lock: false },
      ),
      models: { main: scriptedModel(script) },
    });

  it("keeps its folder while it is parked and finds it again", async () => {
    const agent = await agentWith({ folder: "w", keep: false, template: "start" });
    mkdirSync("start");
    const options = { tools: [visit], interruptOn: ["visit"], trace: { dir: base } };
    const parked = await agent.run("Go.", options);
    const trace = join(base, `${parked.runId}.jsonl`);
    expect(parked.exit).toBe("interrupted");
    const root = join(base, "w", parked.runId);
    writeFileSync(join(root, "unsaved"), "work");
    const call = parked.pending!.call.id;
    const resumed = await agent.resume(trace, {
      tools: [visit],
      decisions: { [call]: { decision: "approve" } },
    });
    expect(resumed.exit).toBe("done");
    expect(visits.at(-1)).toEqual({
      workspace: { root, mode: "isolated" },
      files: ["unsaved"],
    });
    expect(existsSync(root)).toBe(false);
  });

  it("makes nothing in a replay", async () => {
    const agent = await agentWith({ folder: "w" });
    const { runId } = await agent.run("Go.", { tools: [visit], trace: { dir: base } });
    const trace = join(base, `${runId}.jsonl`);
    rmSync("w", { recursive: true });
    const replayed = await agent.replay(trace, { tools: [visit] });
    expect(replayed.identical).toBe(true);
    expect(existsSync("w")).toBe(false);
  });

  it("stays in its folder when the harness is swapped", async () => {
    const [before, after] = await Promise.all([
      agentWith({ folder: "w", keep: false }),
      agentWith({ folder: "w", keep: false }),
    ]);
    let calls = 0;
    const swapping = tool({
      name: "visit",
      description: "Swaps.",
      inputSchema: { type: "object" },
      execute: async (input: never, context) => {
        if ((calls += 1) === 1) void run.swap(after.harness);
        return visit.execute(input, context);
      },
    });
    const agent = createAgent({
      harness: before.harness,
      models: { main: scriptedModel([script[0]!, script[0]!, script[1]!]) },
    });
    const run = agent.stream("Go.", { tools: [swapping] });
    const { exit, runId } = await run.result;
    expect(exit).toBe("done");
    const [first, second] = visits.slice(-2);
    expect(second).toEqual({ workspace: first!.workspace, files: ["mark"] });
    // The new instance removes what the old one made.
    expect(existsSync(join(base, "w", runId))).toBe(false);
  });
});

describe("the other modes", () => {
  it("shared and readonly are folders that must be there", async () => {
    mkdirSync("project");
    writeFileSync("project/f", "");
    for (const mode of ["shared", "readonly"]) {
      const { workspace, files } = await visited({ mode, folder: "project", keep: false });
      expect(workspace).toEqual({ root: join(base, "project"), mode });
      expect(files).toContain("f");
      expect(existsSync("project/f")).toBe(true);
      const missing = await runProcessor(dir, { script, options: { mode, folder: "none" } });
      expect(missing.result.error?.code).toBe("HX_WORKSPACE_UNAVAILABLE");
      expect(existsSync("none")).toBe(false);
    }
    expect((await visited({ mode: "shared" })).workspace?.root).toBe(base);
    writeFileSync("a-file", "");
    const file = await runProcessor(dir, { script, options: { mode: "shared", folder: "a-file" } });
    expect(file.result.reason).toContain("it is no folder");
  });

  it("leave a slot that the manifest fills as it is", async () => {
    const { result } = await runProcessor(dir, {
      script,
      tools: [visit],
      slots: { workspace: { root: base, mode: "shared" } },
    });
    expect(result.exit).toBe("done");
    expect(visits.at(-1)?.workspace).toEqual({ root: base, mode: "shared" });
    expect(existsSync(".harnessx")).toBe(false);
  });

  it("home is one folder for each agent and outlives the run", async () => {
    const options = { mode: "home", folder: "homes", agent: "ada", keep: false };
    await visited(options);
    const { workspace, files } = await visited(options);
    expect(workspace).toEqual({ root: join(base, "homes", "ada"), mode: "home" });
    expect(files).toEqual(["mark"]);
    const other = await visited({ ...options, agent: "bob" });
    expect(other.files).toEqual([]);
    await expect(visited({ ...options, agent: "../ada" })).rejects.toThrow(/agent/);
  });

  it("works as the README's example says", async () => {
    const readme = readFileSync(join(dir, "README.md"), "utf8");
    const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
      readonly options: JsonObject;
    };
    mkdirSync("starter");
    writeFileSync("starter/README.md", "");
    expect((await visited(options)).files).toEqual(["README.md"]);
  });
});

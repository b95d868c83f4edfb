import { createAgent, loadHarness } from "@harnessx/core";
import { tool } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
  type ScriptedReply,
} from "@harnessx/core/testing";
import { Ajv2020 } from "ajv/dist/2020.js";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const dir = new URL("..", import.meta.url);
const root = fileURLToPath(dir);
const base = mkdtempSync(join(tmpdir(), "checkpoints-"));
afterAll(() => rmSync(base, { recursive: true }));
const isCheckpoint = new Ajv2020().compile(
  JSON.parse(readFileSync(new URL("checkpoint.schema.json", dir), "utf8")) as object,
);
let folders = 0;
const newFolder = (): string => join(base, String((folders += 1)));

const look = tool({
  name: "look",
  description: "Looks.",
  inputSchema: { type: "object" },
  execute: () => "Nothing.",
});
const step = (text: string): ScriptedReply => ({ text, calls: [{ name: "look" }] });
const steps = (count: number): ScriptedReply[] => [
  ...Array.from({ length: count - 1 }, (_, index) => step(`Step ${index + 1}.`)),
  { text: "Done." },
];

it.each([
  { folder: join(base, "conformance") },
  { folder: join(base, "conformance"), every: 1, keep: 1, atEnd: false, maxOutputChars: 0 },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, { options });
});

/** Runs a script and reads what is in the folder then; every file must fit the published schema. */
async function checkpoints(
  script: readonly ScriptedReply[],
  options: RunProcessorInput["options"] = {},
) {
  const folder = newFolder();
  const run = await runProcessor(dir, {
    options: { folder, ...options },
    task: { id: "task-1", text: "Look." },
    tools: [look],
    script,
  });
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const files = names.map((name) => {
    const file = JSON.parse(readFileSync(join(folder, name), "utf8")) as Record<string, unknown>;
    expect(isCheckpoint(file), JSON.stringify(isCheckpoint.errors)).toBe(true);
    return file;
  });
  const { runId } = run.result;
  return { ...run, folder, files, names: names.map((name) => name.replace(`${runId}.`, "")) };
}

describe("checkpoints", () => {
  it("are written every few steps and at the end", async () => {
    const { names, files, result } = await checkpoints(steps(5), { every: 2 });
    expect(names).toEqual(["000002.json", "000004.json", "end.json"]);
    expect(files[0]).toMatchObject({
      v: 1,
      run: result.runId,
      task: "task-1",
      step: 2,
      messages: 5,
      output: "Step 2.",
      calls: ["look: ok"],
      totals: { steps: 2, toolCalls: 2 },
    });
    expect(files[0]).not.toHaveProperty("exit");
    expect(files.at(-1)).toMatchObject({ step: 5, exit: "done", output: "Done.", calls: [] });
  });

  it("are kept in a bounded number, the newest", async () => {
    const { names } = await checkpoints(steps(9), { every: 1, keep: 3 });
    expect(names).toEqual(["000008.json", "000009.json", "end.json"]);
    expect((await checkpoints(steps(3), { every: 1, keep: 1 })).names).toEqual(["end.json"]);
    const without = await checkpoints(steps(3), { every: 1, keep: 2, atEnd: false });
    expect(without.names).toEqual(["000002.json", "000003.json"]);
  });

  it("are not written before their step", async () => {
    expect((await checkpoints(steps(4), { atEnd: false })).names).toEqual([]);
  });

  it("hold no more of the output than they may", async () => {
    const script = [{ text: "x".repeat(500) }];
    const { files } = await checkpoints(script, { every: 1, maxOutputChars: 100 });
    expect(files.map(({ output }) => (output as string).length)).toEqual([100, 100]);
    const none = await checkpoints(script, { maxOutputChars: 0 });
    expect(none.files[0]!["output"]).toBe("");
  });

  it("leave the files of other runs alone", async () => {
    const folder = newFolder();
    const options = { folder, every: 1, keep: 1 };
    for (let count = 0; count < 2; count += 1)
      await runProcessor(dir, { options, tools: [look], script: steps(3) });
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it("can be read by their owner only", async () => {
    const { folder, result } = await checkpoints(steps(1));
    expect(statSync(join(folder, `${result.runId}.end.json`)).mode & 0o077).toBe(0);
  });

  it("are not written by a replay", async () => {
    const { folder, events } = await checkpoints(steps(3), { every: 1, keep: 2 });
    rmSync(folder, { recursive: true });
    const options = { folder, every: 1, keep: 2 };
    const processors = [{ id: "subject", use: "./checkpoint", options }];
    const harness = await loadHarness(
      { name: "test", version: "1", processors },
      { root: join(root, "..") },
    );
    const agent = createAgent({ harness, models: { main: scriptedModel([]) } });
    const { identical } = await agent.replay(events, { tools: [look] });
    expect([identical, existsSync(folder)]).toEqual([true, false]);
  });
});

it("reports what cannot be written, and goes on", async () => {
  const taken = join(base, "taken");
  writeFileSync(taken, "");
  const { result, events } = await runProcessor(dir, {
    options: { folder: join(taken, "in"), every: 1, keep: 1 },
    tools: [look],
    script: steps(3),
  });
  expect(result.exit).toBe("done");
  const logs = events.filter((event) => event.type === "log");
  expect(logs).toHaveLength(4);
  expect(logs[0]).toMatchObject({
    message: "checkpoint: written",
    data: { problem: expect.any(String) as string },
  });
});

it("keeps its count through a swap", async () => {
  const folder = newFolder();
  const load = (version: string) =>
    loadHarness(
      {
        name: "test",
        version,
        processors: [
          { id: `c${version}`, use: "./.", options: { folder, every: 1, keep: 2, atEnd: false } },
        ],
      },
      { root },
    );
  const [first, second] = [await load("1"), await load("2")];
  let calls = 0;
  const main = scriptedModel(() => steps(5)[calls++]!);
  await createAgent({ harness: first, models: { main } }).run("Look.", {
    tools: [look],
    follow: () => (calls < 3 ? first : second),
  });
  expect(
    readdirSync(folder)
      .sort()
      .map((name) => name.split(".").at(-2)),
  ).toEqual(["000004", "000005"]);
});

it("runs the example of the README", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    id: string;
    use: string;
    options: { folder: string };
  };
  const folder = join(newFolder(), entry.options.folder);
  const processors = [{ ...entry, options: { ...entry.options, folder } }];
  const harness = await loadHarness({ name: "test", version: "1", processors }, { root });
  const main = scriptedModel(steps(4));
  await createAgent({ harness, models: { main } }).run("Look.", { tools: [look] });
  expect(
    readdirSync(folder)
      .sort()
      .map((name) => name.split(".").at(-2)),
  ).toEqual(["000004", "end"]);
});

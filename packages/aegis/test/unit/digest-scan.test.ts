import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createAgent,
  defineHarness,
  inline,
  loadHarness,
  loadPlugin,
  openTraceFile,
  resolveOptions,
  scriptedModel,
  streamTrace,
} from "@harnessx/core";
import { defineProcessor, replace, tool } from "@harnessx/core/plugin";
import type { ModelDefinition, SuiteDefinition } from "@harnessx/core/plugin";
import { fc, test } from "@fast-check/vitest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRolloutPool, episodeOf, readEpisode, type RolloutRecord } from "../../src/index.ts";
import { scanTaps } from "../../src/digest/taps.ts";
import { scanTrace, type TraceConsumer } from "../../src/digest/scan.ts";
import { recordKeyWorld } from "../support/workspace.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "aegis-scan-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const record = (trace: string) =>
  ({ task: "t", cluster: "c", passed: false, trace }) as RolloutRecord;
const strict = (trace: string) => episodeOf(record(trace), streamTrace(trace));
const none: TraceConsumer = { add: () => undefined, tap: () => undefined, skip: () => undefined };

/** Text with everything that a careless reader of lines stumbles over. */
const awkward = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    `","taps":[{"processor":"x"`,
    `{"type":"run.end"}\n{"seq":0`,
    String.raw`\\" \\\\`,
    `"op":"`,
    "é\u2028\n",
    "a".repeat(2000),
  ),
);

/** A run of a harness that edits, fails, splits words and answers at length; its trace file. */
async function trace(words: readonly string[], name: string): Promise<string> {
  const path = join(dir, `${name}.jsonl`);
  await rm(path, { force: true });
  let turn = 0;
  const meddler = inline(
    { name: "meddler", dimension: "context", hooks: ["beforeModel", "afterTool"] },
    defineProcessor((run) => {
      run.hooks.beforeModel.tap("edit", (event) => {
        const word = words[(turn += 1) % words.length]!;
        return turn % 2 === 0 ? undefined : replace(event.withLastUser((text) => text + word));
      });
      run.hooks.afterTool.tap("look", () => undefined);
    }),
  );
  const say = tool<{ word: string }>({
    name: "say",
    description: "says it",
    inputSchema: { type: "object" },
    execute: ({ word }) => {
      if (word.length % 3 === 0) throw new Error(word);
      return word + word;
    },
  });
  const harness = await defineHarness({ name: "h", inline: [meddler] });
  const model = scriptedModel([
    ...words.map((word) => ({ text: word, calls: [{ name: "say", input: { word, n: 1 } }] })),
    { text: words.join(" ") },
  ]);
  await createAgent({ harness, models: { main: model } }).run(words[0]!, {
    tools: [say],
    trace: () => openTraceFile(path, { durability: "none" }),
  });
  return path;
}

describe("readEpisode", () => {
  test.prop([fc.array(awkward, { minLength: 1, maxLength: 5 })], { numRuns: 30 })(
    "gives what core's reader gives",
    async (words) => {
      const path = await trace(words, "any");
      const read = await readEpisode(record(path));
      expect(read).toEqual(await strict(path));
      expect(read!.calls).toHaveLength(words.length);
      expect(read!.processors["meddler"]!.changes).toBeDefined();
    },
  );

  it("takes the fast way through what our writer writes, and core's for anything else", async () => {
    const path = await trace(["near", "seen"], "plain");
    expect(scanTrace(path, none)).toBe(true);
    const text = await readFile(path, "utf8");
    const changed = join(dir, "changed.jsonl");
    const corrupt = { code: "HX_TRACE_CORRUPT" };
    const breaks: readonly ((text: string) => string)[] = [
      (all) => all.replace('{"seq":3,', '{"seq":4,'),
      (all) => all.replace('"type":"tool.call"', '"type":"tool.cal"'),
      (all) => all.replace('"type":"tool.call"', '"type":"message"').replace("}\n", "\n"),
      (all) => all.replace('"status":"ok"', '"status":7'),
      (all) => all.replace(/("type":"tool\.result".*)}\n/, "$1\n"),
      (all) => all.split("\n").slice(1).join("\n"),
      (all) => all.replace("\n", "\n\n"),
      (all) => all.replace('"taps":[{', '"taps":[{{'),
      (all) => all.replace('"content":"nearnear"', '"content":7'),
    ];
    for (const change of breaks) {
      await writeFile(changed, change(text));
      expect(change(text)).not.toBe(text);
      expect(scanTrace(changed, none)).toBe(false);
      await expect(readEpisode(record(changed))).rejects.toMatchObject(corrupt);
    }
    // No UTF-8.
    await writeFile(changed, Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0x0a])]));
    await expect(readEpisode(record(changed))).rejects.toMatchObject(corrupt);
    await writeFile(changed, text.replace('"v":1', '"v":99'));
    await expect(readEpisode(record(changed))).rejects.toMatchObject({ code: "HX_TRACE_VERSION" });
    await expect(readEpisode(record(join(dir, "nowhere")))).rejects.toMatchObject({
      code: "HX_TRACE_NOT_FOUND",
    });
    // The same events in another order of keys: unusual, yet valid.
    const lines = text.trimEnd().split("\n");
    lines[5] = JSON.stringify(
      Object.fromEntries(Object.entries(JSON.parse(lines[5]!) as object).toReversed()),
    );
    await writeFile(changed, `${lines.join("\n")}\n`);
    expect(scanTrace(changed, none)).toBe(false);
    expect(await readEpisode(record(changed))).toEqual(await strict(path));
  });

  it("reads traces with blobs, lines longer than a block, torn ones and empty ones", async () => {
    const path = await trace(["x".repeat(70_000), "y"], "blobs");
    expect(existsSync(join(dir, "blobs"))).toBe(true);
    expect(await readEpisode(record(path))).toEqual(await strict(path));
    const long = await trace(["short", "er"], "long");
    const text = await readFile(long, "utf8");
    await writeFile(long, text.replace('"content":"erer"', `"content":"${"z".repeat(3_000_000)}"`));
    expect(scanTrace(long, none)).toBe(true);
    const episode = await readEpisode(record(long));
    expect(episode).toEqual(await strict(long));
    expect(episode!.calls[1]!.reply).toHaveLength(1200);
    const torn = await trace(["short", "er"], "torn");
    await truncate(torn, text.length - 20);
    expect(await readEpisode(record(torn))).toEqual(await strict(torn));
    await truncate(torn, 0);
    expect(await readEpisode(record(torn))).toMatchObject({ exit: "unfinished", calls: [] });
  });

  it("agrees on real episodes of the key world and of household", async () => {
    const recorded = await recordKeyWorld();
    const traces = recorded.records.map((one) => one.trace!);
    const root = process.cwd();
    const suitePlugin = await loadPlugin("@harnessx/adapter-household", root);
    const suite = await (suitePlugin.definition as SuiteDefinition).create(
      resolveOptions(suitePlugin, "suite"),
      { root },
    );
    const modelPlugin = await loadPlugin("@harnessx/adapter-tiny-policy", root);
    const model = await (modelPlugin.definition as ModelDefinition).create(
      resolveOptions(modelPlugin, "model"),
    );
    const harness = await loadHarness(
      {
        name: "h",
        version: "1",
        processors: ["notes", "loop-guard"].map((name) => ({
          id: name,
          use: `@harnessx/processor-${name}`,
        })),
      },
      { root },
    );
    const played = await createRolloutPool().run(
      (await suite.tasks()).slice(0, 2).map((task) => ({
        suite,
        task,
        harness,
        models: { main: model },
        seed: 1,
        repetition: 0,
        limits: { maxSteps: 12 },
        traceDir: join(dir, "household"),
      })),
    );
    for (const path of [...traces, ...played.map((one) => one.trace!)]) {
      expect(scanTrace(path, none)).toBe(true);
      expect(await readEpisode(record(path))).toEqual(await strict(path));
    }
    await rm(recorded.dir, { recursive: true, force: true });
  });
});

describe("scanTaps", () => {
  test.prop([
    fc.array(
      fc.record(
        {
          processor: awkward,
          tap: fc.constantFrom("a", "b"),
          verdict: fc.constantFrom("pass", "replace"),
          ms: fc.double({ noNaN: true, noDefaultInfinity: true }),
          edits: fc.array(fc.record({ op: awkward, value: fc.jsonValue() })),
          reason: awkward,
          outcome: fc.jsonValue(),
        },
        { requiredKeys: ["processor", "tap", "verdict", "ms"] },
      ),
      { maxLength: 3 },
    ),
    awkward,
  ])("says what a parser says, or nothing", (taps, call) => {
    const line = JSON.stringify({ seq: 1, at: 2, type: "hook", hook: "x", step: 1, call, taps });
    const found: unknown[] = [];
    const read = scanTaps(line, (...tap) => found.push(tap));
    const parsed = (JSON.parse(line) as { taps: typeof taps }).taps;
    if (read)
      expect(found).toEqual(
        parsed.map((tap) => [tap.processor, tap.verdict, (tap.edits ?? []).map(({ op }) => op)]),
      );
    else expect(found).toEqual([]);
    // Only names with escapes are left to the parser.
    const plain = parsed.every(({ processor, edits = [] }) =>
      [processor, ...edits.map(({ op }) => op)].every(
        (name) => JSON.stringify(name) === `"${name}"`,
      ),
    );
    expect(read).toBe(plain);
  });
});

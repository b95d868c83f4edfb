import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { tool } from "../../src/plugin/index.ts";
import { openTraceFile } from "../../src/trace/index.ts";
import {
  assertConformant,
  ConformanceError,
  renderReport,
  runProcessor,
  testPlugin,
  type TestPluginOptions,
} from "../../src/testing/index.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

/** Names of the broken laws. */
async function brokenBy(name: string, options?: TestPluginOptions): Promise<string[]> {
  const { checks } = await testPlugin(fixture(name), options);
  return checks.filter((check) => !check.ok).map((check) => check.name);
}

describe("a plugin that keeps the contract", () => {
  it.each(["good", "good-spawner", "good-tools", "good-model", "good-suite", "good-bundle"])(
    "%s passes",
    async (name) => {
      await assertConformant(fixture(name));
    },
  );

  it("is judged by every law of its kind", async () => {
    const { ok, plugin, checks } = await testPlugin(fixture("good"));
    expect(ok).toBe(true);
    expect(plugin).toBe("fixture-good");
    expect(checks.map(({ name }) => name)).toEqual([
      "metadata",
      "export",
      "options",
      "hooks",
      "capabilities",
      "state",
      "verdicts",
      "frozen events",
      "episodes",
      "deterministic",
      "isolated",
      "swap",
      "disposal",
    ]);
  });
});

describe("a planted defect is found by its own law only", () => {
  it.each([
    ["bad-metadata", "metadata"],
    ["wrong-export", "export"],
    ["import-fails", "export"],
    ["broken-schema", "options"],
    ["loose-schema", "options"],
    ["wrong-default", "options"],
    ["required-option", "options"],
    ["undeclared-hook", "hooks"],
    ["unused-hook", "hooks"],
    ["late-tap", "hooks"],
    ["mutating-event", "frozen events"],
    ["mutating-input", "frozen events"],
    ["garbage-verdict", "verdicts"],
    ["forbidden-verdict", "verdicts"],
    ["foreign-event", "verdicts"],
    ["stale-event", "verdicts"],
    ["bad-edit", "verdicts"],
    ["bad-answer", "verdicts"],
    ["shared-state", "isolated"],
    ["shared-cache", "isolated"],
    ["math-random", "deterministic"],
    ["wall-clock", "deterministic"],
    ["undeclared-state", "state"],
    ["unused-state", "state"],
    ["unserializable-state", "state"],
    ["undeclared-role", "capabilities"],
    ["hidden-role", "capabilities"],
    ["undeclared-spawn", "capabilities"],
    ["unused-role", "capabilities"],
    ["undeclared-network", "capabilities"],
    ["undeclared-files", "capabilities"],
    ["fragile", "episodes"],
    ["hangs", "episodes"],
    ["setup-throws", "episodes"],
    ["no-swap", "swap"],
    ["bad-disposer", "disposal"],
    ["twin-tools", "tools"],
    ["bad-tool-schema", "tools"],
    ["moody-model", "answers"],
    ["malformed-model", "answers"],
    ["twin-tasks", "tasks"],
    ["leaky-families", "tasks"],
    ["free-pass", "episodes"],
    ["wrong-solution", "episodes"],
    ["twin-entries", "entries"],
  ])("%s breaks %s", async (name, law) => {
    expect(await brokenBy(name)).toEqual([law]);
  });
});

describe("options", () => {
  it("come from the caller, from nothing, or from the schema's examples", async () => {
    expect(await brokenBy("required-option", { options: { a: "given" } })).toEqual([]);
    const { checks } = await testPlugin(fixture("required-option"));
    expect(checks.find(({ name }) => name === "options")?.detail).toContain("Pass options");
    expect(await brokenBy("good", { options: { text: 7 } })).toEqual(["options"]);
  });
});

describe("recorded runs", () => {
  const unusual = tool({
    name: "unusual",
    description: "Says something that no built-in episode says.",
    inputSchema: { type: "object" },
    execute: () => "Quite unusual.",
  });
  const record = () =>
    runProcessor(fixture("good"), {
      tools: [unusual],
      models: {},
      limits: { maxSteps: 1 },
      script: [{ text: "I try.", calls: [{ name: "unusual" }] }, { text: "Done." }],
    });

  it("are played back to the plugin, from events or from a file", async () => {
    const { events } = await record();
    expect(await brokenBy("trace-fragile")).toEqual([]);
    expect(await brokenBy("trace-fragile", { traces: [events] })).toEqual(["traces"]);

    const dir = await mkdtemp(join(tmpdir(), "harnessx-testing-"));
    try {
      const file = join(dir, "run.jsonl");
      const sink = openTraceFile(file);
      for (const event of events) sink.write(event);
      await sink.close();
      expect(await brokenBy("trace-fragile", { traces: [file] })).toEqual(["traces"]);
      expect(await brokenBy("math-random", { traces: [file] })).toEqual(["deterministic"]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it("leave a good plugin alone, with and without steps behind the recording", async () => {
    const { events } = await record();
    const { ok, checks } = await testPlugin(fixture("good"), {
      traces: [events, events.slice(0, 4)],
    });
    expect(ok).toBe(true);
    expect(checks.find(({ name }) => name === "traces")?.detail).toBe("survives 2 recorded runs");
  });
});

describe("details", () => {
  const detailOf = async (name: string, law: string): Promise<string | undefined> =>
    (await testPlugin(fixture(name))).checks.find((check) => check.name === law)?.detail;

  it("say what differs between two runs", async () => {
    expect(await detailOf("math-random", "deterministic")).toMatch(
      /plain answer: event 3 \(beforeModel, taps\[0\]\.edits\[0\]\.text\) is "Luck: 0\.\d+" in one run and "Luck: 0\.\d+" in another\./,
    );
    expect(await detailOf("shared-state", "isolated")).toMatch(
      /with other runs around it, .*"Call \d+\."/,
    );
  });
});

describe("assertConformant", () => {
  it("throws an error that lists the broken laws first, each with its reason", async () => {
    const thrown: unknown = await assertConformant(fixture("undeclared-hook")).catch(
      (error: unknown) => error,
    );
    expect(thrown).toBeInstanceOf(ConformanceError);
    const { message, report } = thrown as ConformanceError;
    expect(message.split("\n").slice(0, 2)).toEqual([
      "fixture-undeclared-hook breaks the plugin contract: hooks.",
      "  ✗ hooks: Processor fixture-undeclared-hook taps afterTool, which its metadata does not declare.",
    ]);
    expect(renderReport(report)).toBe(message);
  });

  it("reports a folder that is no package", async () => {
    const report = await testPlugin(fixture("no-such-folder"));
    expect(report).toMatchObject({ ok: false, plugin: fixture("no-such-folder") });
    expect(report.checks.map(({ name }) => name)).toEqual(["metadata"]);
  });
});

describe("runProcessor", () => {
  it("runs the package in the real runtime and shows what the model was sent", async () => {
    const { result, events, requests } = await runProcessor(
      new URL("./fixtures/good/", import.meta.url),
      {
        script: [{ text: "Fine." }],
        task: { id: "t", text: "Speak." },
        options: { text: "Be kind." },
        seed: 3,
      },
    );
    expect(result).toMatchObject({ exit: "done", output: "Fine." });
    expect(events[0]).toMatchObject({ type: "run.start", seed: 3, task: { id: "t" } });
    expect(requests).toHaveLength(1);
    expect(requests[0]!.messages.at(0)).toMatchObject({
      role: "system",
      content: [{ text: "Be kind." }],
    });
  });
});

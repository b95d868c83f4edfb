import { rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import * as contract from "@harnessx/core/plugin";
import { createAgent, scriptedModel, type LoadedHarness, type Manifest } from "@harnessx/core";
import { afterAll, describe, expect, it } from "vitest";
import { createWasmIsolation, plan, propose, verifyPackage } from "../../src/index.ts";
import { GUEST_CONTRACT } from "../../src/isolation/contract.ts";
import { recordKeyWorld } from "../support/workspace.ts";
import { episodes, isolated, load, record, tools } from "./world.ts";

const isolation = createWasmIsolation();
afterAll(() => isolation.dispose());

type Entries = NonNullable<Manifest["processors"]>;
const cases: Readonly<Record<string, Entries>> = {
  compaction: [
    { id: "p", use: "@harnessx/processor-compaction", options: { maxMessages: 8, keepLast: 3 } },
  ],
  "compaction by eviction": [
    {
      id: "p",
      use: "@harnessx/processor-compaction",
      options: { maxMessages: 8, keepLast: 3, strategy: "evict" },
    },
  ],
  "compaction by a model": [
    {
      id: "p",
      use: "@harnessx/processor-compaction",
      options: { maxMessages: 8, keepLast: 3, strategy: "model" },
    },
  ],
  "cost-guard": [
    { id: "p", use: "@harnessx/processor-cost-guard", options: { maxToolCalls: 5, warnAt: 0.5 } },
  ],
  "environment-context": [
    {
      id: "p",
      use: "@harnessx/processor-environment-context",
      options: { date: true, tools: true, workspace: true, budget: true, remindAt: 28 },
    },
  ],
  "episode-metrics": [{ id: "p", use: "@harnessx/processor-episode-metrics" }],
  hello: [{ id: "p", use: "@harnessx/processor-hello" }],
  "loop-guard": [{ id: "p", use: "@harnessx/processor-loop-guard" }],
  notes: [{ id: "p", use: "@harnessx/processor-notes" }],
  "system-prompt": [
    {
      id: "p",
      use: "@harnessx/processor-system-prompt",
      options: { template: "Do {{task.text}} ({{task.metadata.kind}})." },
    },
  ],
  "tool-filter": [
    { id: "p", use: "@harnessx/processor-tool-filter", options: { block: ["large"] } },
  ],
  "all together": [
    { id: "guard", use: "@harnessx/processor-loop-guard" },
    { id: "notes", use: "@harnessx/processor-notes" },
    { id: "shorter", use: "@harnessx/processor-compaction", options: { maxMessages: 8 } },
    { id: "facts", use: "@harnessx/processor-environment-context", options: { remindAt: 29 } },
    { id: "metrics", use: "@harnessx/processor-episode-metrics" },
  ],
};

/** Records every episode in one tier and replays it in the other, both ways round. */
async function compare(harness: LoadedHarness): Promise<Record<string, unknown>> {
  const walled = await isolated(isolation, harness);
  const differences: Record<string, unknown> = {};
  for (const [name, replies] of Object.entries(episodes)) {
    for (const [from, to] of [
      [harness, walled],
      [walled, harness],
    ] as const) {
      const { events } = await record(from, replies);
      const agent = createAgent({ harness: to, models: { main: scriptedModel([]) } });
      const { identical, divergence } = await agent.replay(events, { tools });
      if (!identical)
        differences[`${name}, recorded ${from === harness ? "trusted" : "isolated"}`] = divergence;
    }
  }
  return differences;
}

describe("a processor behind the wall does what it does in front of it", () => {
  it.each(Object.entries(cases))("%s", async (_name, processors) => {
    expect(await compare(await load(processors))).toEqual({});
  });

  it("generated packages", async () => {
    const recorded = await recordKeyWorld();
    const { digest, harness: parent } = recorded;
    const candidates = propose(digest, plan(digest, parent.manifest, [], 1), {
      round: 1,
      parent: parent.hash,
      manifest: parent.manifest,
      catalogue: [],
      options: {},
      exclude: new Set<string>(),
    });
    const packages = candidates.flatMap((candidate) => candidate.packages);
    expect(packages.length).toBeGreaterThan(0);
    for (const generated of packages) {
      const { folder } = await verifyPackage(generated, { dir: recorded.dir });
      const harness = await load([{ id: "p", use: `./${basename(folder!)}` }], dirname(folder!));
      expect(await compare(harness), generated.name).toEqual({});
    }
    await rm(recorded.dir, { recursive: true, force: true });
  });

  it("has the run-time part of the contract", async () => {
    const url = `data:text/javascript,${encodeURIComponent(GUEST_CONTRACT)}`;
    const guest = (await import(/* @vite-ignore */ url)) as typeof contract;
    const calls = [
      { name: "act", input: { b: [1, { z: 1, a: null }], a: "x" } },
      { name: "act", input: { command: "go  to\nshelf".repeat(20) } },
      { name: "act", input: null },
    ];
    for (const call of calls) {
      expect(guest.callKey(call)).toBe(contract.callKey(call));
      expect(guest.describeCall(call)).toBe(contract.describeCall(call));
    }
  });
});

import type { Manifest } from "@harnessx/core";
import { afterAll, describe, expect, it } from "vitest";
import {
  createProcessIsolation,
  createWasmIsolation,
  type Isolation,
} from "../../src/isolation/index.ts";
import { canWall } from "./matrix.ts";
import { compare, load } from "./world.ts";

type Entries = NonNullable<Manifest["processors"]>;
/** First-party processors with options that make them act. */
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

const tiers: Readonly<Record<string, () => Isolation>> = {
  inline: () => createWasmIsolation({ placement: "inline" }),
  thread: () => createWasmIsolation(),
  process: () => createProcessIsolation({ deadlineMs: 20_000 }),
};

/** Registers a comparison with the trusted tier for each case that is chosen. */
export function testEquivalence(chosen: (tier: string, name: string) => boolean): void {
  describe.each(Object.entries(tiers))(
    "a processor in %s does what it does trusted",
    (tier, make) => {
      const isolation = make();
      afterAll(() => isolation.dispose());
      const mine = Object.entries(cases).filter(([name]) => chosen(tier, name));
      it.skipIf(tier === "process" && !canWall).each(mine)("%s", async (_name, processors) => {
        expect(await compare(isolation, await load(processors))).toEqual({});
      });
    },
  );
}

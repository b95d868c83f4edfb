import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgent, defineHarness, inline, loadHarness } from "@harnessx/core";
import { defineProcessor, memorySlot, type MemoryStore } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, scriptedModel } from "@harnessx/core/testing";
import { expect, it } from "vitest";
import subject, { type MemoryStoreOptions } from "../src/index.ts";

const dir = new URL("..", import.meta.url);

it.each([undefined, { kind: "sqlite", path: "nowhere.sqlite" }, { kind: "markdown" }])(
  "keeps the plugin contract with %j",
  async (options) => {
    await assertConformant(dir, options ? { options } : {});
  },
);

it("shares a store between runs that name the same one, and with no other", async () => {
  const use = async (name: string): Promise<number> => {
    const options: MemoryStoreOptions = {
      kind: "in-memory",
      name,
      path: "",
      maxMemories: 0,
      halfLifeDays: 30,
    };
    let found = -1;
    const user = defineProcessor((run) => {
      run.hooks.taskStart.tap("use", async () => {
        const store = run.slots.get(memorySlot)!;
        found = (await store.search("sheep", { limit: 5, now: 0 })).length;
        await store.add([{ id: "a", text: "Sheep say baa.", at: 0 }]);
      });
    });
    const harness = await defineHarness({
      name: "t",
      version: "1",
      inline: [
        // The user comes first: the slot is filled before any hook runs.
        inline({ name: "user", dimension: "memory", hooks: ["taskStart"], stage: -90 }, user),
        inline(
          {
            name: "store",
            dimension: "memory",
            hooks: ["taskStart"],
            options,
            capabilities: { fs: { read: ["."], write: ["."] } },
          },
          subject,
        ),
      ],
    });
    const main = scriptedModel([{ text: "Done." }]);
    const { exit } = await createAgent({ harness, models: { main } }).run("Go.");
    expect(exit).toBe("done");
    return found;
  };
  expect(await use("shared")).toBe(0);
  expect(await use("shared")).toBe(1);
  expect(await use("other")).toBe(0);
});

it("says in the trace which store was used", async () => {
  const { events } = await runProcessor(dir, { script: [{ text: "Done." }] });
  expect(events).toContainEqual(
    expect.objectContaining({
      type: "log",
      message: "memory-store: provided",
      data: { kind: "in-memory", name: "default" },
    }),
  );
});

it("is refused beside another store", async () => {
  const { result } = await runProcessor(dir, {
    slots: { memory: {} },
    script: [{ text: "Done." }],
  });
  expect(result.error?.code).toBe("HX_SLOT_TAKEN");
});

it("does what the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const root = fileURLToPath(dir);
  const harness = await loadHarness({ name: "t", version: "1", processors: [entry] }, { root });
  const seen: (MemoryStore | undefined)[] = [];
  const main = scriptedModel((_request, call) =>
    call === 0 ? { calls: [{ name: "peek" }] } : { text: "Done." },
  );
  await createAgent({ harness, models: { main } }).run("Go.", {
    tools: [
      {
        name: "peek",
        description: "Looks at the memory.",
        inputSchema: { type: "object" },
        execute: (_input: never, { slots }) => {
          seen.push(slots.get(memorySlot));
          return "Seen.";
        },
      },
    ],
  });
  expect(seen).toHaveLength(1);
  expect(await seen[0]!.search("anything", { limit: 1, now: 0 })).toEqual([]);
});

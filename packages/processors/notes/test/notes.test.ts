import {
  createAgent,
  defineHarness,
  inline,
  inspectPlugin,
  loadHarness,
  resolveOptions,
} from "@harnessx/core";
import { defineProcessor, replace, textOf, tool } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
} from "@harnessx/core/testing";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { NotesOptions } from "../src/index.ts";
import { createReader } from "../src/reading.ts";

const dir = new URL("..", import.meta.url);
const plugin = await inspectPlugin(fileURLToPath(dir));
/** The options with every default filled in. */
const resolved = resolveOptions(plugin, "notes") as unknown as NotesOptions;

const task =
  "You are in the middle of a room. Looking quickly around you, you see a drawer 2, a drawer 1, a shelf 1, and a table 1.\n\n" +
  "Your task is to: put two mugs on the table.";

/** What the world answers; anything else has no effect. */
const world: Record<string, string> = {
  "go to shelf 1": "You arrive at shelf 1. On the shelf 1, you see a mug 2, a vase 1, and a mug 3.",
  "go to drawer 1": "You arrive at drawer 1. The drawer 1 is closed.",
  "open drawer 1": "You open the drawer 1. The drawer 1 is open. In it, you see nothing.",
  "close drawer 1": "You close the drawer 1.",
  "go to table 1": "You arrive at table 1. On the table 1, you see a lamp 1.",
  "go to drawer 2":
    "You arrive at drawer 2. The drawer 2 is open. In it, you see a vase 2, and a book 1.",
  "take mug 2 from shelf 1": "You pick up the mug 2 from the shelf 1.",
  "move mug 2 to table 1": "You move the mug 2 to the table 1.",
  "take mug 2 from table 1": "You pick up the mug 2 from the table 1.",
  "rinse mug 2": "You rinse the mug 2 using the sink 1.",
  inventory: "You are carrying: a mug 2, and a key 1.",
  "inventory later": "You are not carrying anything.",
  "examine box 1": "This is a normal box 1. In it, you see a pencil 1.",
  look: "You are facing the table 1. Next to it, you see nothing.",
};
const act = tool<{ command: string }>({
  name: "act",
  description: "Does something.",
  inputSchema: { type: "object", properties: { command: { type: "string" } } },
  execute: ({ command }) => world[command] ?? "Nothing happens.",
});
const say = (command: string) => ({ calls: [{ name: "act", input: { command } }] });

/** The notes as the model sees them after these commands. */
async function notesAfter(
  commands: readonly string[],
  options: RunProcessorInput["options"] = {},
  text = task,
): Promise<string[]> {
  const { result, requests } = await runProcessor(dir, {
    options,
    task: text,
    tools: [act],
    script: [...commands.map(say), { text: "Done." }],
  });
  expect(result.exit).toBe("done");
  const { messages } = requests.at(-1)!;
  // The task is the first user message; notes are another one at the end.
  const last = messages.at(-1)!;
  return last.role === "user" && messages.length > commands.length * 2 + 1
    ? textOf(last).split("\n")
    : [];
}

it.each([undefined, { maxChars: 80, heading: "", sections: { failed: false } }])(
  "keeps the plugin contract with %j",
  async (options) => {
    await assertConformant(dir, options ? { options } : {});
  },
);

describe("the notes of an exploration", () => {
  it("begin with the places that the task names", async () => {
    expect(await notesAfter([])).toEqual([
      "Notes from earlier steps:",
      "drawer 2: not searched yet.",
      "drawer 1: not searched yet.",
      "shelf 1: not searched yet.",
      "table 1: not searched yet.",
    ]);
  });

  it("tell what was seen where, what is closed, and what held nothing", async () => {
    expect(await notesAfter(["go to shelf 1", "go to drawer 1", "go to drawer 2"])).toEqual([
      "Notes from earlier steps:",
      "mug 2 was seen on shelf 1.",
      "mug 3 was seen on shelf 1.",
      "drawer 1: closed, not searched yet.",
      "table 1: not searched yet.",
      "drawer 2: already searched, nothing useful there.",
    ]);
  });

  it("follow a container that is opened, and one that is closed again", async () => {
    const notes = await notesAfter(["go to drawer 1", "open drawer 1", "close drawer 1"]);
    expect(notes).toContain("drawer 1: already searched, nothing useful there.");
    expect(notes.join()).not.toContain("drawer 1: closed");
  });

  it("follow a thing that is taken and put somewhere", async () => {
    const taken = ["go to shelf 1", "take mug 2 from shelf 1"];
    expect(await notesAfter(taken)).toEqual([
      "Notes from earlier steps:",
      "You are holding mug 2.",
      "mug 3 was seen on shelf 1.",
      "drawer 2: not searched yet.",
      "drawer 1: not searched yet.",
      "table 1: not searched yet.",
    ]);
    const put = [...taken, "go to table 1", "move mug 2 to table 1"];
    expect((await notesAfter(put)).slice(0, 3)).toEqual([
      "Notes from earlier steps:",
      "mug 2 was already put on table 1.",
      "mug 3 was seen on shelf 1.",
    ]);
    const again = await notesAfter([...put, "take mug 2 from table 1"]);
    expect(again[1]).toBe("You are holding mug 2.");
    expect(again.join()).not.toContain("already put");
  });

  it("remember what was done to a thing, once", async () => {
    const notes = await notesAfter(["rinse mug 2", "rinse mug 2"]);
    expect(notes.filter((line) => line.includes("done"))).toEqual([
      "mug 2: already done: rinse the mug 2 using the sink 1.",
    ]);
  });

  it("take an inventory for the whole truth", async () => {
    const notes = await notesAfter(["go to shelf 1", "take mug 2 from shelf 1", "inventory"]);
    expect(notes.slice(1, 3)).toEqual(["You are holding mug 2.", "You are holding key 1."]);
    expect((await notesAfter(["inventory", "inventory later"])).join()).not.toContain("holding");
  });

  it("do not take what is in a thing for what is in a place", async () => {
    const pencils = task.replace("mugs", "pencils");
    const notes = await notesAfter(["go to table 1", "examine box 1", "look"], {}, pencils);
    expect(notes.join()).not.toContain("pencil 1 was seen");
    // The task names tables, so there is something useful about this one.
    expect(notes).toContain("table 1: already searched.");
  });
});

describe("calls without effect", () => {
  const failed = (notes: readonly string[]): string[] =>
    notes.filter((line) => line.includes("without effect"));

  it("are listed once, the newest last", async () => {
    expect(failed(await notesAfter(["dance", "sing", "dance"]))).toEqual([
      "sing: already tried without effect.",
      "dance: already tried without effect.",
    ]);
  });

  it("are forgotten when what they name has changed, or when they succeed", async () => {
    expect(failed(await notesAfter(["knock on shelf 1", "dance"]))).toHaveLength(2);
    expect(failed(await notesAfter(["knock on shelf 1", "dance", "go to shelf 1"]))).toEqual([
      "dance: already tried without effect.",
    ]);
  });

  it("are limited in number", async () => {
    expect(failed(await notesAfter(["a", "b", "c", "d"], { maxFailures: 2 }))).toEqual([
      "c: already tried without effect.",
      "d: already tried without effect.",
    ]);
  });

  it("include errors of tools, named by tool and arguments", async () => {
    const { requests } = await runProcessor(dir, {
      task: "Read the file.",
      tools: [
        tool<{ path: string }>({
          name: "read_file",
          description: "Reads.",
          inputSchema: { type: "object" },
          execute: ({ path }) => {
            throw new Error(`${path} is missing`);
          },
        }),
      ],
      script: [{ calls: [{ name: "read_file", input: { path: "a.txt" } }] }, { text: "Done." }],
    });
    expect(textOf(requests.at(-1)!.messages.at(-1)!)).toBe(
      "Notes from earlier steps:\nread_file a.txt: already tried without effect.",
    );
  });

  it("are not found in the middle of a long result", async () => {
    world["read"] = `A report.\n${"It cannot be. ".repeat(50)}`;
    expect(failed(await notesAfter(["read"]))).toEqual([]);
  });
});

describe("options", () => {
  it("cut the least useful lines first", async () => {
    const notes = await notesAfter(["go to shelf 1", "go to drawer 2"], { maxChars: 90 });
    expect(notes).toEqual([
      "Notes from earlier steps:",
      "mug 2 was seen on shelf 1.",
      "mug 3 was seen on shelf 1.",
    ]);
  });

  it("switch sections off and change the words", async () => {
    const notes = await notesAfter(["go to shelf 1", "go to drawer 2"], {
      heading: "",
      sections: { unvisited: false },
      wording: { seen: "{place} has {item}", other: "{place} has only {items}" },
    });
    expect(notes).toEqual([
      "shelf 1 has mug 2",
      "shelf 1 has mug 3",
      "drawer 2 has only vase 2, book 1",
    ]);
  });

  it("read other wordings, of calls too", async () => {
    world["cd /src"] = "a.ts b.ts";
    const notes = await notesAfter(
      ["cd /src"],
      {
        patterns: [
          { kind: "visit", of: "call", pattern: "^cd (?<place>\\S+)" },
          { kind: "contents", pattern: "^(?<items>\\S+) \\S+$" },
        ],
      },
      "Find a.ts.",
    );
    expect(notes).toEqual(["Notes from earlier steps:", "a.ts was seen on /src."]);
  });

  it("reject a pattern that is no regular expression", async () => {
    const { result } = await runProcessor(dir, {
      options: { failurePatterns: ["("] },
      script: [{ text: "Done." }],
    });
    expect(result.exit).toBe("harness_fault");
    expect(result.error?.code).toBe("HX_PROCESSOR_SETUP_FAILED");
  });
});

describe("quietness", () => {
  it("says nothing where there is nothing to say", async () => {
    world["compile"] =
      "The issue is closed. You are at risk, and contents may vary: see the manual.";
    expect(await notesAfter(["compile"], {}, "Fix the bug that you see in the code.")).toEqual([]);
  });
});

it("knows after a swap what happened before, and keeps it through the next", async () => {
  const root = fileURLToPath(dir);
  const load = (version: string, processors: { id: string; use: string }[]) =>
    loadHarness({ name: "test", version, processors }, { root });
  const none = await load("1", []);
  const first = await load("2", [{ id: "notes", use: "./." }]);
  const second = await load("3", [{ id: "memory", use: "./." }]);
  const requests: string[] = [];
  const commands = ["go to shelf 1", "dance", "go to drawer 2", "take mug 2 from shelf 1"];
  const model = scriptedModel((request, call) => {
    requests.push(textOf(request.messages.at(-1)!));
    return commands[call] === undefined ? { text: "Done." } : say(commands[call]);
  });
  const harnesses = [none, none, none, first, second];
  const agent = createAgent({ harness: none, models: { main: model } });
  await agent.run(task, { tools: [act], follow: () => harnesses[requests.length] });
  const has = (line: string): boolean[] => requests.map((text) => text.includes(line));
  expect(has("Notes from")).toEqual([false, false, false, true, true]);
  expect(has("mug 2 was seen on shelf 1.")).toEqual([false, false, false, true, false]);
  expect(has("dance: already tried")).toEqual([false, false, false, true, true]);
  expect(has("You are holding mug 2.")).toEqual([false, false, false, false, true]);
});

it("keeps what a compaction has taken out of the history", async () => {
  const evictor = inline(
    { name: "evictor", dimension: "memory", hooks: ["stepStart"] },
    defineProcessor((run) => {
      run.hooks.stepStart.tap("keep the task and the last call", (event) =>
        replace(event.evict((_message, index) => index === 0 || index >= event.history.length - 2)),
      );
    }),
  );
  const harness = await defineHarness({
    name: "test",
    root: fileURLToPath(dir),
    processors: [{ id: "notes", use: "./." }],
    inline: [evictor],
  });
  const seen: string[] = [];
  const commands = ["go to shelf 1", "go to drawer 1", "go to drawer 2"];
  const model = scriptedModel(({ messages }, call) => {
    seen.push(`${messages.length}: ${textOf(messages.at(-1)!)}`);
    return commands[call] === undefined ? { text: "Done." } : say(commands[call]);
  });
  await createAgent({ harness, models: { main: model } }).run(task, { tools: [act] });
  expect(seen.at(-1)).toMatch(/^4: Notes/);
  expect(seen.at(-1)).toContain("mug 2 was seen on shelf 1.");
  expect(seen.at(-1)).toContain("drawer 1: closed, not searched yet.");
});

it("does not grow with the number of visits", async () => {
  let visits = 0;
  const go = tool({
    name: "act",
    description: "Does something.",
    inputSchema: { type: "object" },
    execute: () => `You arrive at shelf 1. On the shelf 1, you see a mug ${(visits += 1)}.`,
  });
  const { requests } = await runProcessor(dir, {
    task,
    tools: [go],
    limits: { maxSteps: 200 },
    script: Array.from({ length: 120 }, () => say("go to shelf 1")),
  });
  expect(textOf(requests.at(-1)!.messages.at(-1)!).split("\n")).toHaveLength(5);
});

it("reads hostile text in little time", () => {
  const reader = createReader(resolved);
  const texts = [
    "you put ",
    "in the in the ",
    "you see a, ",
    "the the is ",
    "you are carrying a and ",
    "on x you see ",
  ];
  const began = performance.now();
  for (const text of texts) reader.read("reply", text.repeat(10_000));
  expect(performance.now() - began).toBeLessThan(2_000);
});

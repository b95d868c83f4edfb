import { readFileSync } from "node:fs";
import { messageList } from "@harnessx/core";
import type { Message, ModelRequest, ModelResponse, ToolSpec } from "@harnessx/core/plugin";
import { describe, expect, test } from "vitest";
import { readAdvice } from "../src/advice.ts";
import policy, { createShopPolicy } from "../src/index.ts";
import { linesOf, readPage } from "../src/page.ts";
import { readWishes } from "../src/wishes.ts";

const signal = new AbortController().signal;
const tools: ToolSpec[] = [
  "search",
  "next_page",
  "previous_page",
  "open_item",
  "choose_option",
  "buy",
].map((name) => ({ name, description: name, inputSchema: { type: "object" } }));
const task =
  "Buy me a desk lamp, dimmable and wireless, with color red, and a price lower than 50 dollars.";
const results =
  'Page 2 of 9, 51 results for "lamp"\n[K7Q4M2] Tarn dimmable desk lamp, $20.00\n[B2C3D4] Tarn wireless desk lamp, $90.00\n[F5G6H7] Tarn foldable desk lamp, $30.00';
const item = (features: string, price = "20.00"): string =>
  `[K7Q4M2] Tarn dimmable desk lamp\nPrice: $${price}\nFeatures: ${features}\ncolor: black | red`;

type Turn =
  | readonly [call: string, reply: string]
  | { readonly user: string }
  | { readonly system: string };

function conversation(...turns: readonly Turn[]): Message[] {
  const messages: Message[] = [];
  const text = (value: string) => [{ type: "text", text: value }] as const;
  const add = (message: object): void =>
    void messages.push({ id: messages.length, ...message } as unknown as Message);
  add({ role: "user", content: text(`You are in a shop.\nYour task: ${task}`) });
  for (const turn of turns) {
    if ("user" in turn) add({ role: "user", content: text(turn.user) });
    else if ("system" in turn) add({ role: "system", content: text(turn.system) });
    else {
      const [name, reply] = turn;
      const id = `c${messages.length}`;
      add({ role: "assistant", content: [], toolCalls: [{ id, name, input: {} }] });
      add({ role: "tool", content: text(reply), callId: id, name, status: "ok" });
    }
  }
  return messages;
}

async function answer(
  turns: readonly Turn[],
  seed = 1,
  offered: readonly ToolSpec[] = tools,
  openness = 0.16,
): Promise<ModelResponse> {
  const request: ModelRequest = {
    messages: messageList(conversation(...turns)),
    tools: offered,
    sampling: {},
    role: "main",
    seed,
  };
  return createShopPolicy({ openness }).generate(request, { signal });
}

/** How often each call is made over many seeds. */
async function habits(turns: readonly Turn[], seeds = 400): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let seed = 0; seed < seeds; seed += 1) {
    const { toolCalls } = await answer(turns, seed);
    const name = toolCalls[0]?.name ?? "none";
    counts[name] = (counts[name] ?? 0) + 1 / seeds;
  }
  return counts;
}

describe("reading", () => {
  test("takes the wishes from every wording", () => {
    for (const text of [
      "I am looking for a desk lamp that is dimmable, wireless and foldable, in color navy blue and plug type c, for less than 50 dollars.",
      "Buy me a desk lamp, dimmable, wireless and foldable, with color navy blue and plug type c, and a price lower than 50 dollars.",
      "I need a desk lamp which must be dimmable, wireless and foldable, available in color navy blue and plug type c, and I can pay up to 50 dollars.",
    ])
      expect(readWishes(text)).toEqual({
        phrases: [
          "desk lamp",
          "dimmable",
          "wireless",
          "foldable",
          "color navy blue",
          "plug type c",
        ],
        cap: 50,
      });
  });

  test("tells pages apart and finds items in any line", () => {
    expect(readPage(results)).toMatchObject({ kind: "results", lines: { length: 3 } });
    expect(readPage(item("wireless"))).toMatchObject({ kind: "item", id: "K7Q4M2", price: 20 });
    expect(readPage("You chose color red for K7Q4M2.")).toEqual({
      kind: "chosen",
      choice: "color red",
    });
    expect(readPage("There are no more pages.")).toEqual({ kind: "other" });
    expect(linesOf("1) B2C3D4 costs $ 9\n2) nothing\n* maybe F5G6H7?")).toMatchObject([
      { id: "B2C3D4", price: 9 },
      { id: "F5G6H7", price: undefined },
    ]);
  });
});

const urging = [
  "You have moved on 7 times in a row (next page, search). Stop moving on and decide with what you have seen.",
  "That was the ninth page of results in a row. Pick one of the items now.",
  "You keep paging without looking at anything. Choose something.",
  "Enough browsing: compare the candidates below and buy the best one.",
  "Repeatedly turning pages gets you nowhere. Inspect what you have already found.",
  "Stop scrolling. Open one of these instead of asking for the next list.",
];

describe("advice", () => {
  test.each(urging)("is followed in its own words: %s", (text) => {
    expect(readAdvice([text]).urge).toBe(1);
  });

  test.each([
    "Be brief.",
    "You are in a shop.",
    "There are 9 pages.",
    "Keep searching, the next page may have it.",
    "Do not decide yet: several pages are left.",
  ])("is no urge to decide: %s", (text) => {
    expect(readAdvice([text]).urge).toBe(0);
  });

  test("a procedure is a hint and no urge", () => {
    const { urge } = readAdvice([
      "To do a task that says lamp: search the query, next page, open the item, choose the option, and only then buy.",
    ]);
    expect(urge).toBeGreaterThan(0);
    expect(urge).toBeLessThan(0.2);
  });
});

describe("habits", () => {
  test("begins with a search", async () => {
    const { toolCalls } = await answer([]);
    expect(toolCalls[0]).toMatchObject({ name: "search" });
    expect((toolCalls[0]!.input as { query: string }).query).toMatch(/desk lamp$/);
  });

  test("left alone it goes on to the next page", async () => {
    const { next_page: on = 0 } = await habits([["search", results]]);
    expect(on).toBeGreaterThan(0.75);
  });

  test("told to decide it mostly opens an item, and seldom one that costs too much", async () => {
    for (const user of urging) {
      const { open_item: opens = 0 } = await habits([["search", results], { user }], 200);
      expect(opens).toBeGreaterThan(0.8);
    }
    const named = { user: `${urging[0]!}\n- [B2C3D4] a lamp, $90.00\n- [F5G6H7] a lamp, $30.00` };
    let dear = 0;
    for (let seed = 0; seed < 200; seed += 1) {
      const { toolCalls } = await answer([["search", results], named], seed);
      if ((toolCalls[0]?.input as { item?: string } | undefined)?.item === "B2C3D4") dear += 1;
    }
    expect(dear).toBeLessThan(40);
  });

  test("chooses the options of what fits, then buys, and mostly leaves what does not", async () => {
    const fitting: Turn[] = [
      ["search", results],
      ["open_item", item("wireless; dimmable")],
    ];
    expect((await habits(fitting))["choose_option"]).toBeGreaterThan(0.8);
    const chosen: Turn[] = [...fitting, ["choose_option", "You chose color red for K7Q4M2."]];
    expect(await habits(chosen, 50)).toEqual({ buy: expect.closeTo(1) as number });
    for (const page of [item("dimmable"), item("wireless; dimmable", "60.00")]) {
      const left = await habits([
        ["search", results],
        ["open_item", page],
      ]);
      expect(left["next_page"]).toBeGreaterThan(0.9);
    }
  });

  test("gets away from an answer that leads nowhere", async () => {
    const turns: Turn[] = [
      ["search", results],
      ["next_page", "There are no more pages."],
    ];
    const { search = 0, previous_page: back = 0 } = await habits(turns);
    expect(search + back).toBeCloseTo(1);
  });
});

describe("as a model", () => {
  test("equal requests get equal answers, other seeds other ones", async () => {
    const turns: Turn[] = [["search", results], { user: urging[0]! }];
    expect(await answer(turns, 3)).toEqual(await answer(turns, 3));
    const opened = new Set<string>();
    for (let seed = 0; seed < 40; seed += 1)
      opened.add(JSON.stringify((await answer(turns, seed)).toolCalls[0]?.input));
    expect(opened.size).toBeGreaterThan(1);
  });

  test("says so when the tool that it wants is missing", async () => {
    const { toolCalls, finish } = await answer([], 1, []);
    expect(toolCalls).toEqual([]);
    expect(finish).toBe("stop");
  });

  test("is of the kind rule, stops when aborted, and states its defaults", async () => {
    const client = await policy.create({});
    expect(client.policy).toBe("rule");
    const aborted = AbortSignal.abort(new Error("over"));
    const request = { messages: messageList([]), tools, sampling: {}, role: "main", seed: 1 };
    await expect(client.generate(request, { signal: aborted })).rejects.toThrow("over");
    const { properties } = JSON.parse(
      readFileSync(new URL("../options.schema.json", import.meta.url), "utf8"),
    ) as { properties: { openness: { default: number } } };
    expect(properties.openness.default).toBe(0.16);
  });
});

import { readFileSync } from "node:fs";
import type {
  Environment,
  Score,
  Suite,
  SuiteTask,
  ToolContext,
  ToolResult,
} from "@harnessx/core/plugin";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import shop from "../src/index.ts";
import type { ShopOptions } from "../src/index.ts";
import { judge } from "../src/judge.ts";
import { audit } from "../src/referee.ts";
import { fits, stockFor } from "../src/stock.ts";
import { categories } from "../src/vocabulary.ts";

const context = { signal: new AbortController().signal } as ToolContext;
const make = async (options: ShopOptions = {}): Promise<Suite> =>
  shop.create(options, { root: "." });
const suite = await make();
const tasks = suite.tasks() as readonly SuiteTask[];
const open = (task: SuiteTask): Environment => suite.open(task.id, { seed: 0 }) as Environment;

function call(environment: Environment, name: string, input: object = {}): ToolResult {
  const tool = environment.tools.find((one) => one.name === name)!;
  return tool.execute(input as never, context) as ToolResult;
}
const say = (environment: Environment, name: string, input: object = {}): string =>
  call(environment, name, input).content as string;

function play(environment: Environment, moves: Environment["oracle"]): ToolResult[] {
  return (moves ?? []).map(({ name, input }) => call(environment, name, input as object));
}

describe("tasks", () => {
  test("256 tasks, every family in one split, every category in each", () => {
    expect(tasks).toHaveLength(256);
    const splits = new Map<string, string>();
    for (const { family, split } of tasks) {
      expect(splits.get(family) ?? split).toBe(split);
      splits.set(family, split);
    }
    for (const split of ["train", "validation", "sealed", "canary"]) {
      const clusters = tasks.filter((task) => task.split === split).map(({ cluster }) => cluster);
      expect(new Set(clusters)).toEqual(new Set(categories.map(({ noun }) => noun)));
    }
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(256);
    expect(tasks.every(({ text, cluster }) => text.includes(cluster))).toBe(true);
  });

  test("repeat with the seed and change with it, and so does the verifier", async () => {
    const [same, other] = [await make({ seed: 1 }), await make({ seed: 2 })];
    expect(await same.tasks()).toEqual(tasks);
    expect(same.verifier).toBe(suite.verifier);
    expect(other.verifier).not.toBe(suite.verifier);
    expect(other.data).toBe("generated with seed 2: 80 train, 80 validation, 80 sealed, 16 canary");
  });

  test("the options schema states the defaults that the code uses", async () => {
    const { properties } = JSON.parse(
      readFileSync(new URL("../options.schema.json", import.meta.url), "utf8"),
    ) as { properties: Record<string, { default: number }> };
    const stated = Object.fromEntries(
      Object.entries(properties).map(([name, field]) => [name, field.default]),
    );
    expect((await make(stated)).verifier).toBe(suite.verifier);
  });
});

describe("products", () => {
  test("one or two fit, many fit in all but one wish, no title shows all that was asked for", () => {
    const pages: number[] = [];
    for (const task of tasks.filter(({ split }) => split !== "canary")) {
      const environment = open(task);
      const moves = environment.oracle!;
      pages.push(moves.filter(({ name }) => name === "next_page").length);
      const replies = play(environment, moves.slice(0, -1));
      const lines = replies.flatMap(({ content }) => (content as string).split("\n"));
      const wanted = (moves[0]!.input as { query: string }).query;
      for (const line of lines.filter((one) => /^\[\w{6}\] .*\$/.test(one)))
        expect(wanted.split(" ").every((word) => line.includes(word))).toBe(false);
    }
    // The fitting one does not stand on the first page for most tasks, even for the best query.
    expect(pages.filter((page) => page > 0).length).toBeGreaterThan(pages.length / 2);
  });

  test("near matches lack exactly one wish", () => {
    const [category] = categories;
    const goal = {
      noun: category!.noun,
      attributes: ["dimmable", "wireless", "foldable"],
      options: { color: "red" },
      cap: 50,
    };
    const stock = stockFor(goal, category!, false, "test");
    const missing = stock.map(
      (product) =>
        goal.attributes.filter((one) => !product.features.includes(one)).length +
        (product.options["color"]?.includes("red") ? 0 : 1) +
        (product.price > goal.cap ? 1 : 0),
    );
    expect(missing.filter((count) => count === 0).length).toBe(
      stock.filter((product) => fits(goal, product)).length,
    );
    expect(missing.filter((count) => count === 0).length).toBeGreaterThan(0);
    expect(missing.filter((count) => count === 1).length).toBeGreaterThanOrEqual(14);
  });
});

describe("an episode", () => {
  test("the oracle passes every task that can be passed", () => {
    for (const task of tasks) {
      const environment = open(task);
      if (task.split === "canary") {
        expect(environment.oracle).toBeUndefined();
        continue;
      }
      const results = play(environment, environment.oracle);
      expect(results.map(({ end }) => end === true)).toEqual(
        results.map((_, index) => index === results.length - 1),
      );
      expect(environment.score()).toMatchObject({ passed: true, score: 1, audit: true });
    }
  });

  test("pages go on and back, items open and close, options must exist", () => {
    const environment = open(tasks[0]!);
    expect(say(environment, "next_page")).toBe("Search for something first.");
    expect(say(environment, "buy")).toBe("Open an item first.");
    expect(say(environment, "search", { query: "zzz" })).toBe('Nothing found for "zzz".');
    const first = say(environment, "search", { query: tasks[0]!.cluster });
    expect(first).toMatch(/^Page 1 of \d+, \d+ results for /);
    expect(say(environment, "previous_page")).toBe("This is the first page.");
    expect(say(environment, "next_page")).toMatch(/^Page 2 /);
    expect(say(environment, "previous_page")).toBe(first);
    for (let page = 0; page < 20; page += 1) say(environment, "next_page");
    expect(say(environment, "next_page")).toBe("There are no more pages.");
    expect(say(environment, "open_item", { item: "nothing" })).toBe("There is no item nothing.");
    const id = /\[(\w{6})\]/.exec(first)![1]!;
    const page = say(environment, "open_item", { item: id });
    expect(page).toMatch(/^\[\w{6}\] .*\nPrice: \$\d+\.\d\d\nFeatures: /);
    expect(say(environment, "choose_option", { option: "constructor", value: "x" })).toBe(
      "This item has no option constructor.",
    );
    const [option, values] = page.split("\n")[3]!.split(": ");
    const value = values!.split(" | ")[0]!;
    expect(say(environment, "choose_option", { option, value })).toBe(
      `You chose ${option} ${value} for ${id}.`,
    );
    say(environment, "search", { query: "x" });
    expect(say(environment, "choose_option", { option, value })).toBe("Open an item first.");
  });

  test("the first purchase counts", () => {
    const environment = open(tasks[0]!);
    play(environment, environment.oracle);
    expect(call(environment, "search", { query: "x" })).toMatchObject({ end: true });
    expect(environment.score()).toMatchObject({ passed: true });
  });
});

describe("judging", () => {
  const goal = {
    noun: "desk lamp",
    attributes: ["dimmable", "wireless"],
    options: { color: "red" },
    cap: 50,
  };
  const product = {
    id: "K7Q4M2",
    title: "Tarn desk lamp",
    noun: "desk lamp",
    features: ["dimmable", "wireless"],
    options: { color: ["red", "black"] },
    price: 50,
  };

  test("the reward is the share of wishes that were met", () => {
    const chosen = { color: "red" };
    expect(judge(goal, { product, chosen })).toMatchObject({ passed: true, score: 1 });
    expect(judge(goal, { product, chosen: {} })).toMatchObject({ passed: false, score: 0.75 });
    expect(judge(goal, { product: { ...product, price: 50.01 }, chosen }).score).toBe(0.75);
    expect(judge(goal, { product: { ...product, features: ["wireless"] }, chosen }).score).toBe(
      0.75,
    );
    expect(judge(goal, { product: { ...product, noun: "yoga mat" }, chosen }).score).toBe(0);
    expect(judge(goal, undefined)).toMatchObject({ passed: false, score: 0 });
  });

  test("the audit reads texts alone, and each planted lack turns it", () => {
    const task =
      "Buy me a desk lamp, dimmable and wireless, with color red, and a price lower than 50 dollars.";
    const page = "[K7Q4M2] Tarn desk lamp\nPrice: $50.00\nFeatures: wireless; dimmable\ncolor: red";
    const chosen = "You chose color red for K7Q4M2.";
    const of = (shown: string, choices: readonly string[], sentence = task): boolean =>
      audit(sentence, [
        { tool: "open_item", reply: shown, refused: false },
        ...choices.map((reply) => ({ tool: "choose_option", reply, refused: false })),
        { tool: "buy", reply: "You bought K7Q4M2.", refused: false },
      ]);
    expect(of(page, [chosen])).toBe(true);
    expect(of(page, [])).toBe(false);
    expect(of(page, [chosen, "You chose color black for K7Q4M2."])).toBe(false);
    expect(of(page.replace("$50.00", "$50.01"), [chosen])).toBe(false);
    expect(of(page.replace("dimmable", "foldable"), [chosen])).toBe(false);
    expect(of(page.replace("desk lamp", "yoga mat"), [chosen])).toBe(false);
    expect(of(page, [chosen], "Do what you like.")).toBe(false);
    expect(audit(task, [{ tool: "open_item", reply: page, refused: false }])).toBe(false);
  });

  test("judge and audit agree on random visits, and a canary never passes", () => {
    const some = tasks.filter((_, index) => index % 8 === 0 || tasks[index]!.split === "canary");
    fc.assert(
      fc.property(
        fc.constantFrom(...some),
        fc.array(fc.nat(9), { minLength: 1, maxLength: 14 }),
        (task, choices) => {
          const environment = open(task);
          let page = say(environment, "search", { query: task.cluster });
          for (const choice of choices) {
            const id = [...page.matchAll(/^\[(\w{6})\]/gm)][choice]?.[1];
            if (choice === 9) page = say(environment, "next_page");
            else if (id !== undefined) {
              const shown = say(environment, "open_item", { item: id });
              for (const [, option, values] of shown.matchAll(/^([a-z]+): (.+)$/gm)) {
                const offered = values!.split(" | ");
                const asked = offered.find((value) => task.text.includes(`${option} ${value}`));
                say(environment, "choose_option", { option, value: asked ?? offered[0]! });
              }
            }
          }
          say(environment, "buy");
          const { passed, audit: again } = environment.score() as Score;
          expect(again).toBe(passed);
          if (task.split === "canary") expect(passed).toBe(false);
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe("what an agent or a plugin can reach", () => {
  const hidden = new Set(["goal", "cap", "stock", "score", "fits", "purchase", "verifier"]);

  /** Everything that can be reached from a value through its members. */
  function reach(value: unknown, seen = new Set<unknown>()): Set<unknown> {
    if (seen.has(value)) return seen;
    seen.add(value);
    if ((typeof value === "object" && value !== null) || typeof value === "function")
      for (const key of Reflect.ownKeys(value)) {
        seen.add(key);
        reach((value as Record<PropertyKey, unknown>)[key], seen);
      }
    return seen;
  }

  test("tools and tasks hold neither goals nor scoring", () => {
    for (const task of [tasks[0]!, tasks.at(-1)!]) {
      const found = [...reach(open(task).tools), ...reach(task)];
      for (const key of found) expect(hidden.has(key as string)).toBe(false);
      const gold = open(task).oracle?.find(({ name }) => name === "open_item")?.input as
        | { item: string }
        | undefined;
      expect(JSON.stringify(found.filter((one) => typeof one === "string"))).not.toContain(
        gold?.item ?? "no gold",
      );
    }
  });

  test("no reply tells how a purchase was judged", () => {
    for (const task of tasks.slice(0, 40)) {
      const environment = open(task);
      const texts = play(environment, environment.oracle).map(({ content }) => content as string);
      expect(texts.at(-1)).toMatch(/^You bought \w{6}\.$/);
      expect(texts.join(" ")).not.toMatch(/score|reward|success|correct|passed|gold/i);
    }
  });
});

test("a task that does not exist does not open", () => {
  expect(() => suite.open("nope", { seed: 0 })).toThrow(RangeError);
});

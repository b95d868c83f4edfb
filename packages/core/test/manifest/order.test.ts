// oxlint-disable vitest/no-standalone-expect -- test.prop is a test, which the rule does not know.
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { orderProcessors, type EntryFacts, type ProcessorEntry } from "../../src/manifest/index.ts";
import { errorOf } from "./arbitraries.ts";

type Fields = Partial<ProcessorEntry & Pick<EntryFacts, "group" | "package">> & {
  facts?: Partial<EntryFacts>;
};

/** Entries and facts from a short notation. */
function harness(all: Record<string, Fields>) {
  const facts = new Map<string, EntryFacts>();
  const entries = Object.entries(all).map(
    ([id, { facts: own, group, package: name, ...entry }]) => {
      const use = name ?? `package-${id}`;
      facts.set(id, { use, package: use, ...(group !== undefined && { group }), ...own });
      return { id, use, ...entry } as ProcessorEntry;
    },
  );
  return { entries, facts };
}
const order = (all: Record<string, Fields>) => {
  const { entries, facts } = harness(all);
  return orderProcessors(entries, facts).join(" ");
};

describe("orderProcessors", () => {
  it("keeps the manifest order when nothing else is said", () => {
    expect(order({ c: {}, a: {}, b: {} })).toBe("c a b");
    expect(orderProcessors([], new Map())).toEqual([]);
  });

  it("sorts by stage: the entry's, else the package's, else 0", () => {
    expect(order({ a: { stage: 100 }, b: {}, c: { stage: -100 } })).toBe("c b a");
    expect(order({ a: { facts: { stage: 100 } }, b: {}, c: { facts: { stage: -100 } } })).toBe(
      "c b a",
    );
    expect(order({ a: { stage: -1, facts: { stage: 100 } }, b: {} })).toBe("a b");
    expect(order({ a: { stage: 0, facts: { stage: 100 } }, b: {} })).toBe("a b");
  });

  it("lets before and after win over stage and position", () => {
    expect(order({ a: {}, b: { before: ["a"] } })).toBe("b a");
    expect(order({ a: { after: ["b"] }, b: {} })).toBe("b a");
    expect(order({ a: { stage: -100, after: ["b"] }, b: { stage: 100 }, c: {} })).toBe("c b a");
    expect(order({ a: {}, b: { stage: 100, before: ["a"] }, c: { stage: 50 } })).toBe("c b a");
  });

  it("takes names as ids, packages and groups", () => {
    expect(order({ a: {}, b: { before: ["package-a"] } })).toBe("b a");
    expect(order({ a: { group: "g" }, b: { before: ["g"] } })).toBe("b a");
    expect(order({ a: { package: "p" }, b: { package: "p" }, c: { before: ["p"] } })).toBe("c a b");
    expect(order({ a: { package: "p" }, b: { package: "p", before: ["p"] } })).toBe("b a");
  });

  it("adds the package's constraints to the entry's, ignoring those on absent names", () => {
    expect(order({ a: { facts: { after: ["c", "nobody"] } }, b: { after: ["a"] }, c: {} })).toBe(
      "c a b",
    );
    expect(order({ a: { facts: { before: ["package-a"], after: ["a"] } } })).toBe("a");
  });

  it("takes use as the package of an entry without facts", () => {
    const entries = [
      { id: "a", use: "x" },
      { id: "b", use: "y", before: ["x"] },
    ];
    expect(orderProcessors(entries, new Map())).toEqual(["b", "a"]);
  });

  it("refuses an entry's unknown name", async () => {
    for (const field of ["before", "after"]) {
      const error = await errorOf(() => order({ a: { [field]: ["nobody"] } }));
      expect(error.code).toBe("HX_MANIFEST_ORDER_UNKNOWN");
      expect(error.details).toEqual({ entry: "a", target: "nobody" });
      expect(error.message).toContain("nobody");
      expect(error.hint).not.toBe("");
    }
  });

  it.each<[Record<string, Fields>, string]>([
    [{ a: { before: ["b"] }, b: { before: ["a"] } }, "b -> a -> b"],
    [{ a: { before: ["a"] } }, "a -> a"],
    [{ a: { after: ["package-a"] } }, "a -> a"],
    [
      { x: {}, a: { after: ["c"] }, b: { after: ["a"] }, c: { after: ["b"] }, y: { after: ["a"] } },
      "b -> c -> a -> b",
    ],
    [{ a: { before: ["b"] }, b: { facts: { before: ["a"] } } }, "b -> a -> b"],
  ])("names the cycle of %j", async (all, cycle) => {
    const error = await errorOf(() => order(all));
    expect(error.code).toBe("HX_MANIFEST_ORDER_CYCLE");
    const ids = cycle.split(" -> ");
    expect(error.details["ids"]).toHaveLength(ids.length);
    expect(new Set(error.details["ids"] as string[])).toEqual(new Set(ids));
    expect(error.message).toContain(error.details["cycle"]);
    expect(error.hint).not.toBe("");
  });

  it("refuses two entries of one group, naming all", async () => {
    const error = await errorOf(() =>
      order({ a: { group: "g" }, b: {}, c: { group: "g" }, d: { group: "g" } }),
    );
    expect(error.code).toBe("HX_MANIFEST_DUPLICATE_GROUP");
    expect(error.details).toEqual({ group: "g", entries: ["a", "c", "d"] });
    expect(error.message).toContain("a, c, d");
  });

  it("refuses two entries of one id", async () => {
    const entry = { id: "a", use: "x" };
    const error = await errorOf(() => orderProcessors([entry, entry], new Map()));
    expect(error.code).toBe("HX_MANIFEST_DUPLICATE_ID");
  });
});

/** Constraints that follow a hidden permutation, so that there is never a cycle. */
const solvable = fc
  .record({
    size: fc.integer({ min: 0, max: 9 }),
    links: fc.array(fc.record({ from: fc.nat(8), to: fc.nat(8), kind: fc.nat(3) }), {
      maxLength: 10,
    }),
    stages: fc.array(fc.constantFrom(undefined, -100, 0, 100), { minLength: 9, maxLength: 9 }),
    groups: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8]),
    hidden: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8], { minLength: 9 }),
  })
  .map(({ size, links, stages, groups, hidden }) => {
    const all: Record<string, Fields> = {};
    const must: [string, string][] = [];
    const named = (index: number, kind: number) =>
      kind > 1 && groups.includes(index)
        ? `group-${index}`
        : kind === 1
          ? `package-e${index}`
          : `e${index}`;
    const lists = Array.from({ length: 9 }, () => ({
      before: [] as string[],
      after: [] as string[],
      own: [] as string[],
    }));
    for (const { from, to, kind } of links) {
      if (from >= size || to >= size || from === to) continue;
      const [first, second] = hidden.indexOf(from) < hidden.indexOf(to) ? [from, to] : [to, from];
      must.push([`e${first}`, `e${second}`]);
      if (kind === 0) lists[first]!.before.push(named(second, from % 3));
      else if (kind === 1) lists[second]!.after.push(named(first, to % 3));
      else lists[first]!.own.push(named(second, kind - 1));
    }
    for (let index = 0; index < size; index++) {
      const { before, after, own } = lists[index]!;
      all[`e${index}`] = {
        before,
        after,
        stage: stages[index],
        ...(groups.includes(index) && { group: `group-${index}` }),
        facts: { before: [...own, "absent"] },
      };
    }
    return { all, must, stages };
  });

describe("properties of the order", () => {
  test.prop([solvable])("it is a permutation that respects every constraint", ({ all, must }) => {
    const { entries, facts } = harness(all);
    const result = orderProcessors(entries, facts);
    expect(result.toSorted()).toEqual(Object.keys(all).toSorted());
    for (const [first, second] of must) {
      expect(result.indexOf(first)).toBeLessThan(result.indexOf(second));
    }
  });

  test.prop([solvable])(
    "it follows (stage, position) wherever no constraint stands between",
    ({ all, must }) => {
      const { entries, facts } = harness(all);
      const result = orderProcessors(entries, facts);
      const rank = (id: string) =>
        [all[id]?.stage ?? 0, entries.findIndex((one) => one.id === id)] as const;
      for (const [index, id] of result.entries()) {
        const next = result[index + 1];
        if (next === undefined || must.some(([a, b]) => a === id && b === next)) continue;
        const [stage, position] = rank(id);
        const [nextStage, nextPosition] = rank(next);
        expect(stage < nextStage || (stage === nextStage && position < nextPosition)).toBe(true);
      }
    },
  );

  test.prop([solvable])("it depends on nothing but the data", ({ all }) => {
    const { entries, facts } = harness(all);
    const result = orderProcessors(entries, facts);
    expect(orderProcessors(entries, facts)).toEqual(result);
    const turned = entries.map(
      (entry) =>
        Object.fromEntries(Object.entries(entry).toReversed()) as unknown as ProcessorEntry,
    );
    expect(orderProcessors(turned, new Map([...facts].toReversed()))).toEqual(result);
  });

  test.prop([solvable, fc.nat(9), fc.constantFrom(-100, 0, 100)])(
    "an unrelated entry never changes the order of the others",
    ({ all }, position, stage) => {
      const { entries, facts } = harness(all);
      const more = entries.toSpliced(position, 0, { id: "new", use: "new", stage });
      const result = orderProcessors(more, facts);
      expect(result.filter((id) => id !== "new")).toEqual(orderProcessors(entries, facts));
    },
  );
});

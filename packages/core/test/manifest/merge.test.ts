import { describe, expect, it } from "vitest";
import { merge, mergeEdits, parseManifest, type Manifest } from "../../src/manifest/index.ts";
import { good, kinds } from "./arbitraries.ts";

const of = (fields: object): Manifest => parseManifest({ name: "n", version: "1", ...fields });
const entries = (...ids: string[]) => ids.map((id) => ({ id, use: `p${id}` }));
const processorIds = (manifest: Manifest) =>
  manifest.processors?.map((entry) => entry.id).join(" ");

describe("merge", () => {
  it("joins entries, slots and limits and keeps a's name", () => {
    const a = of({ processors: entries("a", "b"), limits: { maxSteps: 9 } });
    const b = parseManifest({
      $schema: "x",
      name: "guards",
      version: "7",
      processors: entries("c", "b"),
      tools: entries("t"),
      slots: { s: 1 },
      limits: { maxSteps: 9, maxTokens: 5 },
    });
    expect(good(merge(a, b))).toEqual(
      of({
        processors: entries("a", "b", "c"),
        tools: entries("t"),
        slots: { s: 1 },
        limits: { maxSteps: 9, maxTokens: 5 },
      }),
    );
  });

  it("lists every conflict with its place", () => {
    const a = of({ processors: entries("a", "b"), slots: { s: 1 }, limits: { maxSteps: 50 } });
    const b = of({
      processors: [{ id: "a", use: "other" }],
      tools: entries("b"),
      slots: { s: null },
      limits: { maxSteps: 9 },
    });
    const result = merge(a, b);
    expect(result.ok ? [] : result.conflicts.map(({ kind, path }) => [kind, path])).toEqual([
      ["different-entry", "/processors/a"],
      ["different-entry", "/tools/b"],
      ["different-value", "/slots/s"],
      ["different-value", "/limits/maxSteps"],
    ]);
  });

  it("shares entries that are only written differently", () => {
    const a = of({ processors: [{ id: "a", use: "p" }] });
    const b = of({ processors: [{ id: "a", use: "p", options: {}, before: [] }] });
    expect(good(merge(a, b))).toEqual(a);
  });
});

describe("mergeEdits", () => {
  const base = of({ processors: entries("a", "b", "c"), limits: { maxSteps: 9 }, slots: { s: 1 } });
  const merged = (a: object, b: object) => processorIds(good(mergeEdits(base, of(a), of(b))));
  const list = (...ids: string[]) => ({
    processors: entries(...ids),
    limits: { maxSteps: 9 },
    slots: { s: 1 },
  });

  it("weaves insertions, removals and a new order together", () => {
    expect(merged(list("x", "a", "b", "c"), list("a", "b", "c", "y"))).toBe("x a b c y");
    expect(merged(list("a", "b", "c", "x"), list("a", "b", "c", "y"))).toBe("a b c x y");
    expect(merged(list("a", "x", "b", "c"), list("a", "y", "z", "b", "c"))).toBe("a x y z b c");
    expect(merged(list("a", "c"), list("a", "b", "y", "c"))).toBe("a y c");
    expect(merged(list("c", "b", "a"), list("a", "b", "y", "c"))).toBe("c b y a");
    expect(merged(list("a", "b", "y", "c"), list("c", "b", "a"))).toBe("c b y a");
    expect(merged(list("c", "b", "x", "a"), list("a", "b", "y", "c"))).toBe("c b x y a");
  });

  it("takes the changed side of each field", () => {
    const a = of({ ...list("a", "b", "c"), version: "2", limits: { maxSteps: 9, maxTokens: 5 } });
    const b = of({ ...list("a", "b", "c"), slots: {}, limits: { maxSteps: 7 } });
    expect(good(mergeEdits(base, a, b))).toEqual(
      of({
        processors: entries("a", "b", "c"),
        version: "2",
        slots: {},
        limits: { maxSteps: 7, maxTokens: 5 },
      }),
    );
  });

  it("lists everything that both changed differently", () => {
    const a = of({
      name: "x",
      processors: [...entries("c", "b"), { id: "d", use: "1" }, { id: "a", use: "changed" }],
      limits: { maxSteps: 1 },
      slots: { s: 2 },
    });
    const b = of({
      name: "y",
      processors: [...entries("b", "a", "c"), { id: "d", use: "2" }],
      limits: { maxSteps: 2 },
    });
    const result = mergeEdits(base, a, b);
    expect(new Set(kinds(result))).toEqual(new Set(["both-changed"]));
    expect(result.ok ? [] : result.conflicts.map((one) => one.path)).toEqual([
      "/name",
      "/processors/d",
      "/processors",
      "/slots/s",
      "/limits/maxSteps",
    ]);
  });

  it("refuses a removal beside a change, and one id in both sections", () => {
    const changed = {
      ...list("a", "c"),
      processors: [...entries("a", "c"), { id: "b", use: "new" }],
    };
    expect(kinds(mergeEdits(base, of(list("a", "c")), of(changed)))).toEqual(["both-changed"]);
    const asProcessor = of(list("a", "b", "c", "x"));
    const asTools = of({ ...list("a", "b", "c"), tools: entries("x") });
    expect(kinds(mergeEdits(base, asProcessor, asTools))).toEqual(["duplicate-id"]);
  });
});

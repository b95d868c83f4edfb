import { describe, expect, it } from "vitest";
import {
  apply,
  configure,
  diff,
  insert,
  parseManifest,
  remove,
  reorder,
  replaceEntry,
  requireManifest,
  setField,
  touches,
  type Manifest,
  type ManifestEdit,
} from "../../src/manifest/index.ts";
import { errorOf, good, kinds } from "./arbitraries.ts";

const base = parseManifest({
  name: "shopper",
  version: "3",
  processors: [
    { id: "a", use: "pa", options: { n: 1 } },
    { id: "b", use: "pb" },
    { id: "c", use: "pc" },
  ],
  tools: [
    { id: "fs", mcp: { command: "npx" } },
    { id: "web", use: "web-tools" },
  ],
  slots: { workspace: { root: "." }, empty: null },
  limits: { maxSteps: 9 },
});
const processorIds = (manifest: Manifest) =>
  manifest.processors?.map((entry) => entry.id).join(" ");
const toolIds = (manifest: Manifest) => manifest.tools?.map((entry) => entry.id).join(" ");
const d = { id: "d", use: "pd" };

describe("insert", () => {
  it("puts an entry at the end, at an index or beside another", () => {
    expect(processorIds(good(insert(base, d)))).toBe("a b c d");
    expect(processorIds(good(insert(base, d, { at: 0 })))).toBe("d a b c");
    expect(processorIds(good(insert(base, d, { at: 3 })))).toBe("a b c d");
    expect(processorIds(good(insert(base, d, { at: { before: "b" } })))).toBe("a d b c");
    expect(processorIds(good(insert(base, d, { at: { after: "b" } })))).toBe("a b d c");
  });

  it("knows an MCP server as tools, and takes the section otherwise", () => {
    expect(toolIds(good(insert(base, { id: "d", mcp: { url: "https://x.org" } })))).toBe(
      "fs web d",
    );
    expect(toolIds(good(insert(base, d, { section: "tools", at: 0 })))).toBe("d fs web");
    expect(good(insert({ name: "n", version: "1" }, d, { section: "tools" })).tools).toEqual([d]);
  });

  it("lists every conflict", () => {
    expect(kinds(insert(base, { id: "a", use: "x" }))).toEqual(["duplicate-id"]);
    expect(kinds(insert(base, { id: "fs", use: "x" }))).toEqual(["duplicate-id"]);
    expect(kinds(insert(base, { id: "a", use: "x" }, { at: 7 }))).toEqual([
      "invalid-position",
      "duplicate-id",
    ]);
    expect(kinds(insert(base, d, { at: { before: "fs" } }))).toEqual(["invalid-position"]);
    expect(kinds(insert(base, d, { at: { before: "a", after: "b" } as never }))).toEqual([
      "invalid-position",
    ]);
    expect(kinds(insert(base, d, { at: -1, section: "models" as never }))).toEqual([
      "invalid-position",
      "invalid-position",
    ]);
    expect(kinds(insert(base, { id: "D", use: "" }))).toEqual([
      "invalid-manifest",
      "invalid-manifest",
    ]);
    expect(kinds(insert(base, { ...d, before: "a" } as never))).toEqual(["invalid-manifest"]);
    expect(kinds(insert(base, { ...d, stage: 1 } as never, { section: "tools" }))).toEqual([
      "invalid-manifest",
    ]);
  });
});

describe("remove", () => {
  it("takes an entry out of either list", () => {
    expect(processorIds(good(remove(base, "b")))).toBe("a c");
    expect(toolIds(good(remove(base, "fs")))).toBe("web");
    expect(kinds(remove(base, "nobody"))).toEqual(["missing-entry"]);
  });
});

describe("replaceEntry", () => {
  it("keeps the place, with the same or another id", () => {
    expect(processorIds(good(replaceEntry(base, "b", d)))).toBe("a d c");
    expect(good(replaceEntry(base, "b", { id: "b", use: "other" })).processors?.[1]?.use).toBe(
      "other",
    );
    const server = { id: "fs", mcp: { command: "other" } };
    expect(good(replaceEntry(base, "fs", server)).tools?.[0]).toEqual(server);
  });

  it("wants the same group, where facts are given", () => {
    const groups = (from?: string, to?: string) =>
      kinds(replaceEntry(base, "b", d, { from: { group: from }, to: { group: to } }));
    expect(groups("loops", "loops")).toEqual([]);
    expect(groups()).toEqual([]);
    expect(groups("loops", "memory")).toEqual(["group-mismatch"]);
    expect(groups("loops")).toEqual(["group-mismatch"]);
    expect(groups(undefined, "loops")).toEqual(["group-mismatch"]);
  });

  it("lists every conflict", () => {
    expect(kinds(replaceEntry(base, "nobody", d))).toEqual(["missing-entry"]);
    expect(kinds(replaceEntry(base, "b", { id: "a", use: "x" }))).toEqual(["duplicate-id"]);
    const facts = { from: { group: "x" }, to: {} };
    expect(kinds(replaceEntry(base, "b", { id: "fs", use: "x" }, facts))).toEqual([
      "group-mismatch",
      "duplicate-id",
    ]);
  });
});

describe("configure", () => {
  it("sets and takes away options as a whole", () => {
    expect(good(configure(base, "a", { m: 2 })).processors?.[0]?.options).toEqual({ m: 2 });
    expect(good(configure(base, "a", undefined)).processors?.[0]).toEqual({ id: "a", use: "pa" });
    expect(good(configure(base, "web", { m: 2 })).tools?.[1]).toEqual({
      id: "web",
      use: "web-tools",
      options: { m: 2 },
    });
  });

  it("sets the options of an MCP server", () => {
    expect(good(configure(base, "fs", { lazy: true })).tools?.[0]).toEqual({
      id: "fs",
      mcp: { command: "npx" },
      options: { lazy: true },
    });
  });

  it("refuses an unknown entry and what is no object", () => {
    expect(kinds(configure(base, "nobody", {}))).toEqual(["missing-entry"]);
    expect(kinds(configure(base, "a", [] as never))).toEqual(["invalid-manifest"]);
    expect(kinds(configure(base, "a", JSON.parse('{"__proto__":{}}')))).toEqual([
      "invalid-manifest",
    ]);
  });
});

describe("reorder", () => {
  it("takes a whole order or one move", () => {
    expect(processorIds(good(reorder(base, ["c", "a", "b"])))).toBe("c a b");
    expect(toolIds(good(reorder(base, ["web", "fs"])))).toBe("web fs");
    expect(processorIds(good(reorder(base, { id: "c", before: "a" })))).toBe("c a b");
    expect(processorIds(good(reorder(base, { id: "a", after: "b" })))).toBe("b a c");
    expect(good(reorder({ name: "n", version: "1" }, []))).toEqual({ name: "n", version: "1" });
  });

  it("lists every conflict", () => {
    expect(kinds(reorder(base, ["c", "c", "nobody"]))).toEqual([
      "missing-entry",
      "invalid-position",
      "invalid-position",
      "invalid-position",
    ]);
    expect(kinds(reorder(base, ["a", "b", "c", "fs"]))).toEqual(["missing-entry"]);
    expect(kinds(reorder(base, { id: "a", before: "a" }))).toEqual(["invalid-position"]);
    expect(kinds(reorder(base, { id: "a", before: "fs" }))).toEqual(["invalid-position"]);
    expect(kinds(reorder(base, { id: "nobody", before: "a" }))).toEqual(["missing-entry"]);
    expect(kinds(reorder(base, 7 as never))).toEqual(["invalid-position"]);
  });
});

describe("setField", () => {
  it("sets the name, the version, limits and slots, one or all", () => {
    expect(good(setField(base, ["name"], "other")).name).toBe("other");
    expect(good(setField(base, ["version"], "4")).version).toBe("4");
    expect(good(setField(base, ["limits", "maxTokens"], 5)).limits).toEqual({
      maxSteps: 9,
      maxTokens: 5,
    });
    expect(good(setField(base, ["limits", "maxSteps"], undefined)).limits).toEqual({});
    expect(good(setField(base, ["limits"], { maxTokens: 5 })).limits).toEqual({ maxTokens: 5 });
    expect(good(setField(base, ["slots"], undefined)).slots).toEqual({});
    expect(good(setField(base, ["slots", "empty"], 1)).slots).toEqual({
      workspace: { root: "." },
      empty: 1,
    });
    expect(good(setField(base, ["slots", "toString"], null)).slots).toHaveProperty(
      "toString",
      null,
    );
  });

  it("refuses what is no field and what the schema refuses", () => {
    expect(kinds(setField(base, ["processors"] as never, []))).toEqual(["invalid-position"]);
    expect(kinds(setField(base, ["$schema"] as never, "x"))).toEqual(["invalid-position"]);
    expect(kinds(setField(base, ["slots", "a", "b"] as never, 1))).toEqual(["invalid-manifest"]);
    expect(kinds(setField(base, [] as never, 1))).toEqual(["invalid-position"]);
    expect(kinds(setField(base, ["name"], undefined))).toEqual(["invalid-manifest"]);
    expect(kinds(setField(base, ["limits", "maxSteps"], 0))).toEqual(["invalid-manifest"]);
    expect(kinds(setField(base, ["limits", "maxStep" as never], 1))).toEqual(["invalid-manifest"]);
    expect(kinds(setField(base, ["limits"], 5))).toEqual(["invalid-manifest"]);
    expect(kinds(setField(base, ["limits"], { maxSteps: 0, maxTokens: -1 }))).toEqual([
      "invalid-manifest",
      "invalid-manifest",
    ]);
    expect(kinds(setField(base, ["slots", "__proto__"], 1))).toEqual(["invalid-manifest"]);
  });
});

describe("diff", () => {
  const edits = (change: (manifest: Manifest) => object) =>
    diff(base, parseManifest({ ...base, ...change(base) }));

  it("finds the smallest kind of edit", () => {
    expect(edits(({ processors }) => ({ processors: processors?.slice(1) }))).toMatchObject([
      { op: "remove", section: "processors", after: null, entry: { id: "a" } },
    ]);
    expect(edits(({ tools }) => ({ tools: [tools?.[0], d, tools?.[1]] }))).toEqual([
      { op: "insert", section: "tools", after: "fs", entry: d },
    ]);
    expect(
      edits(({ processors }) => ({ processors: processors?.with(0, { id: "a", use: "pa" }) })),
    ).toEqual([{ op: "configure", id: "a", from: { n: 1 } }]);
    expect(
      edits(({ processors }) => ({
        processors: processors?.with(1, { id: "b", use: "pb", stage: 0 }),
      })),
    ).toEqual([
      {
        op: "replace",
        section: "processors",
        from: { id: "b", use: "pb" },
        to: { id: "b", use: "pb", stage: 0 },
      },
    ]);
    expect(edits(({ processors }) => ({ processors: processors?.toReversed() }))).toEqual([
      { op: "reorder", section: "processors", from: ["a", "b", "c"], to: ["c", "b", "a"] },
    ]);
    expect(
      edits(() => ({
        version: "4",
        limits: { maxSteps: 50 },
        slots: { workspace: { root: "." } },
      })),
    ).toEqual([
      { op: "set", path: ["version"], from: "3", to: "4" },
      { op: "set", path: ["slots", "empty"], from: null },
      { op: "set", path: ["limits", "maxSteps"], from: 9, to: 50 },
    ]);
  });

  it("says nothing of what means the same", () => {
    expect(edits(() => ({ $schema: "x" }))).toEqual([]);
    expect(
      edits(({ processors }) => ({
        processors: processors?.with(1, { id: "b", use: "pb", before: [], options: {} }),
      })),
    ).toEqual([]);
  });

  it("moves an id between the sections", () => {
    const moved = parseManifest({
      ...base,
      processors: base.processors?.slice(1),
      tools: [...base.tools!, { id: "a", use: "pa" }],
    });
    expect(diff(base, moved).map((edit) => edit.op)).toEqual(["remove", "insert"]);
    expect(good(apply(diff(base, moved), base))).toEqual(moved);
  });
});

describe("apply", () => {
  const b = { id: "b", use: "pb" };
  it.each<[ManifestEdit, string[]]>([
    [{ op: "insert", section: "processors", after: "nobody", entry: d }, ["missing-entry"]],
    [
      { op: "insert", section: "tools", after: "a", entry: { id: "b", use: "x" } },
      ["duplicate-id", "missing-entry"],
    ],
    [
      { op: "remove", section: "processors", after: "a", entry: { id: "b", use: "other" } },
      ["different-entry"],
    ],
    [{ op: "remove", section: "processors", after: null, entry: b }, ["invalid-position"]],
    [
      { op: "remove", section: "processors", after: "c", entry: { id: "b", use: "x" } },
      ["different-entry", "invalid-position"],
    ],
    [{ op: "remove", section: "tools", after: "a", entry: b }, ["missing-entry"]],
    [
      { op: "replace", section: "processors", from: { id: "b", use: "other" }, to: d },
      ["different-entry"],
    ],
    [
      { op: "replace", section: "tools", from: b, to: { id: "a", use: "x" } },
      ["missing-entry", "duplicate-id"],
    ],
    [{ op: "configure", id: "a", from: { n: 2 }, to: {} }, ["different-value"]],
    [{ op: "configure", id: "nobody", to: {} }, ["missing-entry"]],
    [
      { op: "reorder", section: "processors", from: ["a", "c", "b"], to: ["a", "b"] },
      ["different-value", "invalid-position"],
    ],
    [{ op: "set", path: ["version"], from: "2", to: "4" }, ["different-value"]],
    [{ op: "set", path: ["slots", "empty"], to: 1 }, ["different-value"]],
    [{ op: "set", path: ["tools"], to: 1 }, ["invalid-position"]],
  ])("refuses %j", (edit, expected) => {
    expect(kinds(apply([edit], base))).toEqual(expected);
  });

  it("is all or nothing and reports every conflict", () => {
    const result = apply(
      [
        { op: "configure", id: "a", from: { n: 2 }, to: {} },
        { op: "set", path: ["version"], from: "3", to: "4" },
        { op: "set", path: ["name"], from: "x", to: "y" },
      ],
      base,
    );
    expect(kinds(result)).toEqual(["different-value", "different-value"]);
    expect(result.ok ? [] : result.conflicts.map((one) => one.path)).toEqual([
      "/processors/a/options",
      "/name",
    ]);
  });

  it("names the place in a malformed edit", () => {
    const result = apply(
      [{ op: "insert", section: "tools", after: null, entry: { id: "x" } }] as never,
      base,
    );
    expect(result).toMatchObject({
      ok: false,
      conflicts: [{ kind: "invalid-manifest", path: "/edits/0/entry/use" }],
    });
    expect(apply("x" as never, base)).toMatchObject({ ok: false, conflicts: [{ path: "/edits" }] });
    expect(kinds(apply([{ op: "explode" }] as never, base))).toEqual(["invalid-manifest"]);
  });

  it("checks the manifest that comes out", () => {
    expect(
      kinds(apply([{ op: "set", path: ["limits", "maxSteps"], from: 9, to: -1 }], base)),
    ).toEqual(["invalid-manifest"]);
  });
});

describe("touches", () => {
  it("names entries, fields and the front of a list", () => {
    expect(touches({ op: "insert", section: "tools", after: null, entry: d })).toEqual([
      "#d",
      "/tools/front",
    ]);
    expect(touches({ op: "remove", section: "tools", after: "fs", entry: d })).toEqual([
      "#d",
      "#fs",
    ]);
    expect(touches({ op: "replace", section: "tools", from: d, to: d })).toEqual(["#d"]);
    expect(touches({ op: "configure", id: "d" })).toEqual(["#d"]);
    expect(touches({ op: "reorder", section: "tools", from: ["x"], to: ["x"] })).toEqual([
      "/tools/front",
      "#x",
    ]);
    expect(touches({ op: "set", path: ["slots", "a/b"] })).toEqual(["/slots/a~1b"]);
  });
});

describe("requireManifest", () => {
  it("turns conflicts into a coded error that keeps them all", async () => {
    expect(requireManifest(insert(base, d)).processors).toHaveLength(4);
    const result = insert(base, { id: "a", use: "x" }, { at: 9 });
    const error = await errorOf(() => requireManifest(result));
    expect(error.code).toBe("HX_MANIFEST_CONFLICT");
    expect(error.details["conflicts"]).toHaveLength(2);
    expect(error.message).toContain("/processors/a");
    expect(error.hint).not.toBe("");
  });
});

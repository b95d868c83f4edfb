// oxlint-disable vitest/no-standalone-expect -- test.prop is a test, which the rule does not know.
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import {
  emptyLock,
  parseLock,
  parseManifest,
  serializeLock,
  serializeManifest,
  withLockEntry,
  type Manifest,
} from "../../src/manifest/index.ts";
import { errorOf } from "./arbitraries.ts";

const example = {
  $schema: "./harness.schema.json",
  name: "shopper",
  version: "3",
  processors: [{ id: "loops", use: "@harnessx/processor-loop-guard", options: { window: 12 } }],
  tools: [
    { id: "fs", mcp: { command: "npx", args: ["-y", "server"], env: { API_KEY: { env: "KEY" } } } },
    { id: "web", mcp: { url: "https://example.org/mcp", headers: { Accept: "text/plain" } } },
    { id: "own", use: "./tools", options: {} },
  ],
  slots: { workspace: { root: "." } },
  limits: { maxSteps: 50, maxCostUsd: 1 },
};

const entry = {
  use: "loop-guard",
  version: "1.0.0",
  integrity: `sha256-${"0".repeat(64)}`,
  capabilities: { net: ["example.org"], fs: { read: ["."] }, spawn: true },
  decidedBy: "human",
};

describe("parseManifest", () => {
  it("accepts the example of the design", () => {
    expect(parseManifest(example)).toEqual(example);
  });

  it("returns a frozen copy and leaves its argument alone", () => {
    const manifest = parseManifest(example);
    expect(Object.isFrozen(manifest)).toBe(true);
    expect(Object.isFrozen(manifest.processors?.[0]?.options)).toBe(true);
    expect(Object.isFrozen(example.processors[0]?.options)).toBe(false);
    expect(manifest.processors).not.toBe(example.processors);
  });

  it("reads -0 as 0, which is what writing it gives", () => {
    const slots = parseManifest({ name: "a", version: "1", slots: { x: -0 } }).slots;
    expect(Object.is(slots?.["x"], 0)).toBe(true);
  });

  it("drops keys without a value, as JSON does", () => {
    const manifest = parseManifest({ name: "a", version: "1", limits: undefined });
    expect(Object.keys(manifest)).toEqual(["name", "version"]);
  });

  it.each(["a", "@a/b", "a.b_c-d~e", "inline:Shout", "./x", "../x y/z", ".", ".."])(
    "takes %j as use",
    (use) => {
      expect(
        parseManifest({ name: "a", version: "1", processors: [{ id: "x", use }] }),
      ).toBeDefined();
    },
  );

  it.each([
    "",
    "A",
    "a b",
    "@a",
    "@a/b/c",
    "a@1.0.0",
    "/abs",
    ".x",
    "inline:",
    "https://x",
    "a\0b",
    "./a\0",
  ])("refuses %j as use", async (use) => {
    const error = await errorOf(() =>
      parseManifest({ name: "a", version: "1", processors: [{ id: "x", use }] }),
    );
    expect(error.code).toBe("HX_MANIFEST_INVALID");
    expect(error.details["path"]).toBe("/processors/0/use");
  });
});

describe("serialize", () => {
  it("writes known keys in a fixed order and keeps the order of the rest", () => {
    const text = serializeManifest(
      parseManifest({
        limits: { maxSteps: 1 },
        version: "1",
        processors: [{ onError: "skip", options: { z: 1, a: 2 }, use: "x", id: "x" }],
        name: "n",
      }),
    );
    expect(text).toMatchInlineSnapshot(`
      "{
        "name": "n",
        "version": "1",
        "processors": [
          {
            "id": "x",
            "use": "x",
            "options": {
              "z": 1,
              "a": 2
            },
            "onError": "skip"
          }
        ],
        "limits": {
          "maxSteps": 1
        }
      }
      "
    `);
  });

  it("writes a lock sorted by id", () => {
    const lock = withLockEntry(withLockEntry(emptyLock, "b", entry), "a", entry);
    const text = serializeLock({ lockVersion: 1, entries: { b: entry, a: entry } });
    expect(text).toBe(serializeLock(lock));
    expect(parseLock(JSON.parse(text))).toEqual(lock);
    expect(Object.keys(JSON.parse(text).entries)).toEqual(["a", "b"]);
  });
});

/** Every way to be wrong: what is put in, where the error must point, what it must say. */
const wrong: readonly [name: string, value: unknown, path: string, says: RegExp][] = [
  ["null", null, "/", /type object, found null/],
  ["an array", [], "/", /type object, found array/],
  ["a string", "x", "/", /type object/],
  ["nothing", undefined, "/", /JSON, found undefined/],
  ["a function", () => 1, "/", /found function/],
  ["a class instance", new Date(), "/", /plain object/],
  ["no name", { version: "1" }, "/name", /missing/],
  ["an empty name", { name: "", version: "1" }, "/name", /fewer than 1/],
  ["a number as version", { name: "a", version: 3 }, "/version", /type string, found 3/],
  ["a number as $schema", { $schema: 1, name: "a", version: "1" }, "/$schema", /type string/],
  [
    "an unknown key",
    { name: "a", version: "1", modle: {} },
    "/modle",
    /unknown key "modle", allowed are \$schema, name/,
  ],
  [
    "processors as object",
    { name: "a", version: "1", processors: {} },
    "/processors",
    /type array, found object/,
  ],
  ["tools as string", { name: "a", version: "1", tools: "fs" }, "/tools", /type array/],
  ["slots as array", { name: "a", version: "1", slots: [] }, "/slots", /type object, found array/],
  ["limits as number", { name: "a", version: "1", limits: 3 }, "/limits", /type object, found 3/],
  [
    "a function deep inside",
    { name: "a", version: "1", slots: { x: [() => 1] } },
    "/slots/x/0",
    /found function/,
  ],
  [
    "NaN",
    { name: "a", version: "1", slots: { x: Number.NaN } },
    "/slots/x",
    /NaN is not a JSON number/,
  ],
];

const wrongProcessor: readonly [object, string, RegExp][] = [
  [{ use: "x" }, "/id", /missing/],
  [{ id: "x" }, "/use", /missing/],
  [{ id: 1, use: "x" }, "/id", /an id of lower-case letters.*found 1/],
  [{ id: "X", use: "x" }, "/id", /an id of lower-case/],
  [{ id: "", use: "x" }, "/id", /an id of/],
  [{ id: "-x", use: "x" }, "/id", /an id of/],
  [{ id: "a".repeat(65), use: "x" }, "/id", /at most 64/],
  [{ id: "constructor", use: "x" }, "/id", /an id of/],
  [{ id: "x", use: 1 }, "/use", /a package name/],
  [{ id: "x", use: "x", options: [] }, "/options", /type object, found array/],
  [{ id: "x", use: "x", stage: "0" }, "/stage", /type integer, found string/],
  [{ id: "x", use: "x", stage: 0.5 }, "/stage", /type integer, found 0.5/],
  [{ id: "x", use: "x", before: "y" }, "/before", /type array/],
  [{ id: "x", use: "x", after: [1] }, "/after/0", /an entry id/],
  [{ id: "x", use: "x", after: ["y", "y"] }, "/after", /duplicate items/],
  [{ id: "x", use: "x", onError: "ignore" }, "/onError", /one of fail, skip/],
  [{ id: "x", use: "x", optoins: {} }, "/optoins", /unknown key.*allowed are id, use, options/],
  [{ id: "x", mcp: { command: "x" } }, "/use", /missing/],
];

const wrongTools: readonly [object, string, RegExp][] = [
  [{ id: "x" }, "/use", /missing/],
  [{ id: "x", use: "x", mcp: { command: "x" } }, "/use", /unknown key/],
  [{ id: "x", use: "x", stage: 1 }, "/stage", /unknown key/],
  [{ id: "x", mcp: {} }, "/mcp/command", /missing/],
  [{ id: "x", mcp: "npx" }, "/mcp", /type object/],
  [{ id: "x", mcp: { command: 1 } }, "/mcp/command", /type string/],
  [{ id: "x", mcp: { command: "x", args: "y" } }, "/mcp/args", /type array/],
  [{ id: "x", mcp: { command: "x", args: [1] } }, "/mcp/args/0", /type string/],
  [{ id: "x", mcp: { command: "x", cwd: 1 } }, "/mcp/cwd", /type string/],
  [{ id: "x", mcp: { command: "x", env: [] } }, "/mcp/env", /type object/],
  [{ id: "x", mcp: { command: "x", env: { A: 1 } } }, "/mcp/env/A", /a string or/],
  [
    { id: "x", mcp: { command: "x", env: { A: { env: "B", x: 1 } } } },
    "/mcp/env/A/x",
    /unknown key/,
  ],
  [
    { id: "x", mcp: { command: "x", env: { A: { env: "not a name" } } } },
    "/mcp/env/A/env",
    /environment variable/,
  ],
  [{ id: "x", mcp: { command: "x", url: "https://x.org" } }, "/mcp/command", /unknown key/],
  [{ id: "x", mcp: { url: "ftp://x.org" } }, "/mcp/url", /http or https URL/],
  [{ id: "x", mcp: { url: "https://user:pass@x.org/" } }, "/mcp/url", /without a user name/],
  [
    { id: "x", mcp: { url: "https://x.org", headers: { A: null } } },
    "/mcp/headers/A",
    /a string or/,
  ],
];

const limitNames = [
  "maxSteps",
  "maxTokens",
  "maxCostUsd",
  "maxTimeMs",
  "modelTimeoutMs",
  "toolTimeoutMs",
  "hookTimeoutMs",
  "parallelTools",
  "maxModelRetries",
  "maxResultChars",
] satisfies readonly (keyof NonNullable<Manifest["limits"]>)[];

describe("what is wrong is refused with its place and a reason", () => {
  const refuse = async (value: unknown, path: string, says: RegExp) => {
    const error = await errorOf(() => parseManifest(value));
    expect(error.code).toBe("HX_MANIFEST_INVALID");
    expect(error.details["path"]).toBe(path);
    expect(error.details["problem"]).toMatch(says);
    expect(error.message).toContain(path);
    expect(error.hint).not.toBe("");
  };

  it.each(wrong)("%s", (_name, value, path, says) => refuse(value, path, says));

  it.each(wrongProcessor)("processor %j", (one, path, says) =>
    refuse({ name: "a", version: "1", processors: [one] }, `/processors/0${path}`, says),
  );

  it.each(wrongTools)("tools %j", (one, path, says) =>
    refuse({ name: "a", version: "1", tools: [one] }, `/tools/0${path}`, says),
  );

  it.each(limitNames)("limit %s", async (name) => {
    const refuseLimit = (value: unknown, says: RegExp) =>
      refuse({ name: "a", version: "1", limits: { [name]: value } }, `/limits/${name}`, says);
    await refuseLimit(0, /must be >=? \d, found 0|must be > 0, found 0/);
    await refuseLimit(-1, /found -1/);
    await refuseLimit("9", /found string/);
    await refuseLimit(null, /found null/);
    if (name !== "maxCostUsd") await refuseLimit(1.5, /integer/);
    if (name.endsWith("Ms")) await refuseLimit(2 ** 31, /<= 2147483647/);
    expect(parseManifest({ name: "a", version: "1", limits: { [name]: 1 } })).toBeDefined();
  });

  it("lists every problem in the details", async () => {
    const error = await errorOf(() => parseManifest({ name: 1, version: 2, extra: 3 }));
    const paths = (error.details["problems"] as { path: string }[]).map((one) => one.path);
    expect(paths.toSorted()).toEqual(["/extra", "/name", "/version"]);
  });

  it.each([
    ["processors", "processors"],
    ["tools", "tools"],
    ["processors", "tools"],
  ])("a duplicate id in %s and %s", async (first, second) => {
    const one = { id: "x", use: "x" };
    const value =
      first === second
        ? { name: "a", version: "1", [first]: [one, one] }
        : { name: "a", version: "1", [first]: [one], [second]: [one] };
    const error = await errorOf(() => parseManifest(value));
    expect(error.code).toBe("HX_MANIFEST_DUPLICATE_ID");
    expect(error.message).toContain("x");
    expect(error.details["path"]).toBe(`/${second}/${first === second ? 1 : 0}/id`);
  });

  it.each(["Authorization", "X-Api-Key", "GITHUB_TOKEN", "client_secret", "DbPassword", "Cookie"])(
    "a plain secret under %s, without repeating it",
    async (name) => {
      for (const mcp of [
        { url: "https://example.org", headers: { [name]: "hunter2" } },
        { command: "npx", env: { [name]: "hunter2" } },
      ]) {
        const error = await errorOf(() =>
          parseManifest({ name: "a", version: "1", tools: [{ id: "x", mcp }] }),
        );
        expect(error.code).toBe("HX_MANIFEST_INVALID");
        expect(error.details["path"]).toMatch(new RegExp(`^/tools/0/mcp/(headers|env)/${name}$`));
        expect(error.details["problem"]).toContain('{ "env": "NAME" }');
        expect(JSON.stringify(error)).not.toContain("hunter2");
      }
    },
  );

  it.each(["__proto__", "constructor", "prototype"])("the key %s anywhere", async (key) => {
    for (const text of [
      `{"name":"a","version":"1","${key}":{"polluted":true}}`,
      `{"name":"a","version":"1","slots":{"x":[{"${key}":1}]}}`,
      `{"name":"a","version":"1","processors":[{"id":"x","use":"x","options":{"${key}":{}}}]}`,
    ]) {
      const error = await errorOf(() => parseManifest(JSON.parse(text)));
      expect(error.code).toBe("HX_MANIFEST_INVALID");
      expect(error.message).toContain(key);
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("a cycle, a getter that throws, nesting without end", async () => {
    const cyclic: Record<string, unknown> = { name: "a", version: "1" };
    cyclic["slots"] = { cyclic };
    const hostile = {
      get name(): string {
        throw new Error("boom");
      },
    };
    const deep = JSON.parse(`${'{"slots":'.repeat(50_000)}1${"}".repeat(50_000)}`) as unknown;
    for (const value of [cyclic, hostile, deep]) {
      expect((await errorOf(() => parseManifest(value))).code).toBe("HX_MANIFEST_INVALID");
    }
  });

  it("a megabyte of garbage, quickly and with a short report", async () => {
    const megabyte = 1_000_000;
    const garbage: unknown[] = [
      "x".repeat(megabyte),
      Array.from({ length: megabyte / 2 }, () => 0),
      { name: "a", version: "1", processors: Array.from({ length: megabyte / 4 }, () => 0) },
      Object.fromEntries(
        Array.from({ length: megabyte / 16 }, (_, index) => [`key${index}`, index]),
      ),
      { name: "x".repeat(megabyte), version: "1" },
    ];
    for (const value of garbage) {
      const start = performance.now();
      const error = await errorOf(() => parseManifest(value));
      expect(performance.now() - start).toBeLessThan(3000);
      expect(error.code).toBe("HX_MANIFEST_INVALID");
      expect(JSON.stringify(error).length).toBeLessThan(20_000);
    }
  });

  test.prop([
    fc.anything({
      withBigInt: true,
      withDate: true,
      withNullPrototype: true,
      withSparseArray: true,
    }),
  ])("nothing but a coded error is thrown for any value", async (value) => {
    for (const parse of [parseManifest, parseLock]) {
      const error = await errorOf(() => parse(value));
      expect(error.code).toMatch(/^HX_(MANIFEST|LOCK)_INVALID$/);
    }
  });
});

describe("parseLock", () => {
  it.each([
    [{ entries: {} }, "/lockVersion"],
    [{ lockVersion: 2, entries: {} }, "/lockVersion"],
    [{ lockVersion: 1 }, "/entries"],
    [{ lockVersion: 1, entries: [] }, "/entries"],
    [{ lockVersion: 1, entries: {}, more: 1 }, "/more"],
    [{ lockVersion: 1, entries: { "Not An Id": entry } }, "/entries/Not An Id"],
    [{ lockVersion: 1, entries: { constructor: entry } }, "/entries/constructor"],
    [{ lockVersion: 1, entries: { x: { ...entry, use: "" } } }, "/entries/x/use"],
    [{ lockVersion: 1, entries: { x: { ...entry, version: 1 } } }, "/entries/x/version"],
    [
      { lockVersion: 1, entries: { x: { ...entry, integrity: "sha256-XY" } } },
      "/entries/x/integrity",
    ],
    [
      { lockVersion: 1, entries: { x: { ...entry, integrity: "sha512-" } } },
      "/entries/x/integrity",
    ],
    [{ lockVersion: 1, entries: { x: { ...entry, decidedBy: "" } } }, "/entries/x/decidedBy"],
    [
      { lockVersion: 1, entries: { x: { ...entry, decidedBy: undefined } } },
      "/entries/x/decidedBy",
    ],
    [
      { lockVersion: 1, entries: { x: { ...entry, capabilities: { disk: [] } } } },
      "/entries/x/capabilities/disk",
    ],
    [
      { lockVersion: 1, entries: { x: { ...entry, capabilities: { net: "*" } } } },
      "/entries/x/capabilities/net",
    ],
    [
      { lockVersion: 1, entries: { x: { ...entry, capabilities: { spawn: 1 } } } },
      "/entries/x/capabilities/spawn",
    ],
    [
      { lockVersion: 1, entries: { x: { ...entry, capabilities: { fs: { exec: [] } } } } },
      "/entries/x/capabilities/fs/exec",
    ],
  ])("refuses %j", async (value, path) => {
    const error = await errorOf(() => parseLock(value));
    expect(error.code).toBe("HX_LOCK_INVALID");
    expect(error.details["path"]).toBe(path);
    expect(error.hint).not.toBe("");
  });
});

// oxlint-disable vitest/no-standalone-expect -- test.prop is a test, which the rule does not know.
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import {
  canonicalJson,
  canonicalManifest,
  hashManifest,
  limitDefaults,
  parseManifest,
  resolveLimits,
  sha256Hex,
  type Manifest,
} from "../../src/manifest/index.ts";
import type { Json } from "../../src/plugin/json.ts";
import { errorOf, hash, manifests } from "./arbitraries.ts";

/** The same value with the keys of every object in another order. */
function shuffled(value: Json): Json {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, shuffled(item as Json)]),
  );
}

describe("canonicalJson", () => {
  it("sorts keys by code unit and writes no whitespace", () => {
    expect(canonicalJson({ b: [1, "x", null], a: { é: true, Z: -0, "10": 1e21, "9": 0.1 } })).toBe(
      '{"a":{"10":1e+21,"9":0.1,"Z":0,"é":true},"b":[1,"x",null]}',
    );
    // RFC 8785, 3.2.3: by UTF-16 code unit, so U+1F600 (D83D…) comes before U+FB33.
    expect(canonicalJson({ "\uFB33": 2, "\u{1F600}": 1, "\r": 3, ö: 4 })).toBe(
      '{"\\r":3,"ö":4,"\u{1F600}":1,"\uFB33":2}',
    );
  });

  test.prop([fc.jsonValue()])("is JSON of the same value, whatever the order of keys", (value) => {
    const text = canonicalJson(value);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    expect(canonicalJson(shuffled(value as Json))).toBe(text);
  });

  test.prop([fc.jsonValue(), fc.jsonValue()])("differs for different values", (a, b) => {
    const same =
      JSON.stringify(shuffled(shuffled(a as Json))) ===
      JSON.stringify(shuffled(shuffled(b as Json)));
    if (same) expect(canonicalJson(a)).toBe(canonicalJson(b));
    if (canonicalJson(a) === canonicalJson(b)) {
      expect(JSON.parse(JSON.stringify(a))).toEqual(JSON.parse(JSON.stringify(b)));
    }
  });

  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  it.each([
    [undefined, "/"],
    [{ a: undefined }, "/a"],
    [[1, undefined], "/1"],
    [{ "a/b": Number.NaN }, "/a~1b"],
    [Number.POSITIVE_INFINITY, "/"],
    [() => 1, "/"],
    [Symbol("x"), "/"],
    [1n, "/"],
    [new Map(), "/"],
    [{ at: new Date(0) }, "/at"],
    [cyclic, "/0/0/0/0"],
  ])("refuses %s", async (value, path) => {
    const error = await errorOf(() => canonicalJson(value));
    expect(error.code).toBe("HX_JSON_UNSUPPORTED");
    expect(error.details["path"]).toBe(path);
  });
});

describe("sha256Hex", () => {
  it("agrees with the known value, for text and for bytes", () => {
    const known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(sha256Hex("abc")).toBe(known);
    expect(sha256Hex(new Uint8Array([97, 98, 99]))).toBe(known);
  });
});

describe("hashManifest", () => {
  it("is stable across versions of this package", () => {
    // A change here means that every recorded hash in every trace and ledger loses its meaning.
    expect(hash(parseManifest({ name: "shopper", version: "3" }))).toMatchInlineSnapshot(
      `"sha256-a79fc41831c2d89960a9e807cf205fd7c3174811ccc136e2ca856eaf6341a62d"`,
    );
    expect(
      hash(
        parseManifest({
          name: "shopper",
          version: "3",
          processors: [{ id: "loops", use: "loop-guard", options: { window: 12 }, before: ["x"] }],
          tools: [{ id: "fs", mcp: { command: "npx" } }],
          slots: { workspace: { root: "." } },
          limits: { maxCostUsd: 1 },
        }),
      ),
    ).toMatchInlineSnapshot(
      `"sha256-a6a062d1803bd4dc31e6002b2e92c35ee57e684582f57b53faca79af9e3b4608"`,
    );
  });

  test.prop([manifests])("ignores key order, $schema and omitted defaults", (manifest) => {
    const spelled = {
      ...manifest,
      $schema: "elsewhere",
      processors: (manifest.processors ?? []).map((entry) => ({
        options: {},
        before: [],
        after: [],
        onError: "fail",
        ...entry,
      })),
      tools: (manifest.tools ?? []).map((entry) => {
        if ("use" in entry) return { options: {}, ...entry };
        const empty = "url" in entry.mcp ? { headers: {} } : { args: [], env: {} };
        return { ...entry, mcp: { ...empty, ...entry.mcp } };
      }),
      slots: manifest.slots ?? {},
      limits: {
        maxSteps: 50,
        modelTimeoutMs: 120_000,
        toolTimeoutMs: 120_000,
        hookTimeoutMs: 30_000,
        parallelTools: 4,
        maxModelRetries: 3,
        maxResultChars: 30_000,
        ...manifest.limits,
      },
    };
    expect(hash(parseManifest(spelled))).toBe(hash(manifest));
    expect(hash(parseManifest(shuffled(spelled as unknown as Json)))).toBe(hash(manifest));
  });

  const full: Manifest = {
    name: "n",
    version: "1",
    processors: [
      {
        id: "a",
        use: "x",
        options: { k: { deep: [1, 2] } },
        stage: 1,
        before: ["b"],
        after: ["c"],
      },
      { id: "b", use: "y" },
    ],
    tools: [
      { id: "t", use: "z", options: { k: 1 } },
      { id: "m", mcp: { command: "c", args: ["1"], env: { A: "1" }, cwd: "." } },
      { id: "u", mcp: { url: "https://x.org", headers: { A: "1" } } },
    ],
    slots: { s: { deep: true } },
    limits: {
      maxSteps: 7,
      maxTokens: 8,
      maxCostUsd: 9,
      maxTimeMs: 10,
      modelTimeoutMs: 11,
      toolTimeoutMs: 12,
      hookTimeoutMs: 13,
      parallelTools: 14,
      maxModelRetries: 15,
      maxResultChars: 16,
    },
  };

  /** Every place in the manifest that holds a value, changed one at a time. */
  function* mutants(value: unknown, put: (next: unknown) => unknown): Iterable<unknown> {
    if (Array.isArray(value)) {
      yield put(value.slice(1));
      if (value.length > 1) yield put(value.toReversed());
      for (const [index, item] of value.entries())
        yield* mutants(item, (next) => put(value.with(index, next)));
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        const { [key]: _gone, ...rest } = value as Record<string, unknown>;
        yield put(rest);
        yield* mutants(item, (next) => put({ ...value, [key]: next }));
      }
    } else if (typeof value === "string") yield put(`${value}x`);
    else if (typeof value === "number") yield put(value + 1);
    else yield put(!value);
  }

  it("changes with anything else", () => {
    const isValid = (value: unknown) => {
      try {
        return Boolean(parseManifest(value));
      } catch {
        return false;
      }
    };
    const valid = ([...mutants(full, (next) => next)] as Manifest[]).filter(isValid);
    expect(valid.length).toBeGreaterThan(50);
    expect(valid.filter((mutant) => hash(mutant) === hash(full))).toEqual([]);
    // Two mutants may meet, as an empty list and none at all do.
    expect(new Set(valid.map(hash)).size).toBeGreaterThan(45);
  });

  it("tells an explicit stage 0 from none, which is the package's own", () => {
    const of = (stage?: number) =>
      hash(parseManifest({ name: "a", version: "1", processors: [{ id: "x", use: "x", stage }] }));
    expect(of(0)).not.toBe(of());
  });

  it("takes order and options from the facts of a loaded harness", () => {
    const options = { a: { window: 12, action: "stop" } };
    const one = {
      name: "n",
      version: "1",
      processors: [
        { id: "a", use: "x", options: { window: 12 } },
        { id: "b", use: "y" },
      ],
    };
    const two = {
      name: "n",
      version: "1",
      processors: [
        { id: "b", use: "y" },
        { id: "a", use: "x" },
      ],
    };
    const of = (manifest: Manifest, order: string[]) =>
      hashManifest(canonicalManifest(manifest, { order, options }));
    // Positions count only through the order that they lead to.
    expect(of(one, ["a", "b"])).toBe(of(two, ["a", "b"]));
    expect(of(one, ["a", "b"])).not.toBe(of(one, ["b", "a"]));
    expect(canonicalManifest(one, { order: ["a", "b"], options })).toMatchObject({
      order: ["a", "b"],
      processors: [
        { id: "a", options: { window: 12, action: "stop" } },
        { id: "b", options: {} },
      ],
    });
  });

  it("is sorted at every level, so that it reads well when printed", () => {
    const canonical = canonicalManifest(full);
    expect(JSON.stringify(canonical)).toBe(canonicalJson(canonical));
  });
});

describe("resolveLimits", () => {
  it("fills the documented defaults, with Infinity for none", () => {
    expect(resolveLimits()).toEqual({
      maxSteps: 50,
      maxTokens: Infinity,
      maxCostUsd: Infinity,
      maxTimeMs: Infinity,
      modelTimeoutMs: 120_000,
      toolTimeoutMs: 120_000,
      hookTimeoutMs: 30_000,
      parallelTools: 4,
      maxModelRetries: 3,
      maxResultChars: 30_000,
    });
    expect(resolveLimits({ maxSteps: 3, maxTokens: undefined })).toEqual({
      ...limitDefaults,
      maxSteps: 3,
    });
    expect(Object.isFrozen(resolveLimits())).toBe(true);
  });

  it.each([
    ["maxSteps", 0],
    ["maxSteps", -1],
    ["maxSteps", Number.NaN],
    ["maxSteps", "9"],
    ["maxStep", 9],
    ["toString", 9],
  ])("refuses %s = %s", async (name, value) => {
    const error = await errorOf(() => resolveLimits({ [name]: value } as never));
    expect(error.code).toBe("HX_RUN_LIMIT_INVALID");
    expect(error.message).toContain(name);
  });
});

// oxlint-disable vitest/no-standalone-expect -- test.prop is a test, which the rule does not know.
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  apply,
  configure,
  diff,
  insert,
  invert,
  merge,
  mergeEdits,
  parseManifest,
  remove,
  reorder,
  replaceEntry,
  serializeManifest,
  setField,
  touches,
  type ManifestEdit,
  type ManifestResult,
} from "../../src/manifest/index.ts";
import { editOn, good, hash, ids, manifests, pairs } from "./arbitraries.ts";

const disjoint = (a: readonly string[], b: readonly string[]) => !a.some((one) => b.includes(one));

const editPair = manifests
  .chain((base) => fc.tuple(fc.constant(base), editOn(base), editOn(base)))
  .filter(([, a, b]) => disjoint(touches(a), touches(b)));

/** To a three-way merge these are one entry removed and another inserted. */
const renames = (edit: ManifestEdit) => edit.op === "replace" && edit.from.id !== edit.to.id;

describe("diff, apply, invert", () => {
  test.prop([pairs])("apply(diff(a, b), a) is b", ([a, b]) => {
    expect(hash(good(apply(diff(a, b), a)))).toBe(hash(b));
  });

  test.prop([pairs])("apply(invert(diff(a, b)), b) is a", ([a, b]) => {
    expect(hash(good(apply(invert(diff(a, b)), b)))).toBe(hash(a));
  });

  test.prop([pairs])("apply after invert is the identity", ([a, b]) => {
    const edits = diff(a, b);
    const changed = good(apply(edits, a));
    expect(hash(good(apply(invert(edits), changed)))).toBe(hash(a));
    expect(invert(invert(edits))).toEqual(edits);
  });

  test.prop([pairs])("a diff is empty exactly if the hashes are equal", ([a, b]) => {
    expect(diff(a, b).length === 0).toBe(hash(a) === hash(b));
    expect(diff(a, a)).toEqual([]);
  });

  test.prop([pairs])("edits survive JSON", ([a, b]) => {
    const edits = diff(a, b);
    const read = JSON.parse(JSON.stringify(edits)) as typeof edits;
    expect(read).toEqual(edits);
    expect(hash(good(apply(read, a)))).toBe(hash(b));
  });

  test.prop([manifests.chain((m) => fc.tuple(fc.constant(m), editOn(m)))])(
    "each edit has an exact inverse and refuses to be made twice",
    ([manifest, edit]) => {
      const changed = good(apply([edit], manifest));
      expect(hash(good(apply(invert([edit]), changed)))).toBe(hash(manifest));
      expect(apply([edit], changed).ok).toBe(false);
    },
  );

  test.prop([editPair])("edits that touch nothing in common commute", ([base, a, b]) => {
    const ab = good(apply([a, b], base));
    expect(hash(good(apply([b, a], base)))).toBe(hash(ab));
  });

  test.prop([pairs])(
    "apply respects the hash: what means the same is edited the same",
    ([a, b]) => {
      const spelled = parseManifest({
        processors: [],
        tools: [],
        slots: {},
        ...a,
        limits: { maxSteps: 50, hookTimeoutMs: 30_000, ...a.limits },
      });
      expect(hash(spelled)).toBe(hash(a));
      expect(hash(good(apply(diff(a, b), spelled)))).toBe(hash(b));
    },
  );
});

describe("merge", () => {
  test.prop([manifests, manifests, manifests])("is associative", (a, b, c) => {
    const left = merge(a, b);
    const right = merge(b, c);
    const one = left.ok ? merge(left.manifest, c) : left;
    const other = right.ok ? merge(a, right.manifest) : right;
    expect(one.ok).toBe(other.ok);
    if (one.ok && other.ok) expect(hash(one.manifest)).toBe(hash(other.manifest));
  });

  const subsets = manifests.chain((whole) => {
    const part = fc
      .tuple(fc.subarray([...(whole.processors ?? [])]), fc.subarray([...(whole.tools ?? [])]))
      .map(([processors, tools]) => parseManifest({ ...whole, processors, tools }));
    return fc.tuple(part, part, part);
  });

  test.prop([subsets])("is defined and associative for parts of one manifest", ([a, b, c]) => {
    const one = good(merge(good(merge(a, b)), c));
    const other = good(merge(a, good(merge(b, c))));
    expect(hash(one)).toBe(hash(other));
  });

  test.prop([manifests])("is idempotent", (a) => {
    expect(good(merge(a, a))).toEqual(a);
  });

  test.prop([pairs])("holds every entry of both sides, or says which not", ([a, b]) => {
    const result = merge(a, b);
    if (!result.ok) {
      expect(result.conflicts.length).toBeGreaterThan(0);
      return;
    }
    const all = [...(result.manifest.processors ?? []), ...(result.manifest.tools ?? [])];
    for (const side of [a, b]) {
      for (const { id } of [...(side.processors ?? []), ...(side.tools ?? [])]) {
        expect(all.filter((entry) => entry.id === id)).toHaveLength(1);
      }
    }
  });
});

describe("mergeEdits", () => {
  test.prop([pairs])("a side that changed nothing leaves the other's result", ([base, other]) => {
    expect(hash(good(mergeEdits(base, base, other)))).toBe(hash(other));
    expect(hash(good(mergeEdits(base, other, base)))).toBe(hash(other));
    expect(hash(good(mergeEdits(base, other, other)))).toBe(hash(other));
  });

  const keepingIds = editPair.filter(([, a, b]) => !renames(a) && !renames(b));
  test.prop([keepingIds])("of disjoint edits is both of them", ([base, a, b]) => {
    const merged = mergeEdits(base, good(apply([a], base)), good(apply([b], base)));
    expect(hash(good(merged))).toBe(hash(good(apply([a, b], base))));
  });

  test.prop([manifests, manifests, manifests])(
    "is defined whichever side is which",
    (base, a, b) => {
      expect(mergeEdits(base, a, b).ok).toBe(mergeEdits(base, b, a).ok);
    },
  );
});

describe("text", () => {
  test.prop([manifests])("parse after serialise is the identity", (manifest) => {
    const text = serializeManifest(manifest);
    const read = parseManifest(JSON.parse(text));
    expect(read).toEqual(manifest);
    expect(serializeManifest(read)).toBe(text);
  });
});

describe("operations are total", () => {
  const hostile = {
    get id(): string {
      throw Object.create(null);
    },
  };
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const anything: fc.Arbitrary<any> = fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
    fc.constantFrom<unknown>(
      ...ids,
      hostile,
      cyclic,
      Symbol("x"),
      () => 1,
      undefined,
      -1,
      0.5,
      NaN,
    ),
    fc.record({
      id: fc.constantFrom<unknown>(...ids, "__proto__", 7),
      use: fc.constantFrom<unknown>("x", 1),
    }),
    fc.record({ id: fc.constantFrom(...ids), before: fc.constantFrom<unknown>(...ids, 1) }),
    fc.array(fc.constantFrom<unknown>(...ids), { maxLength: 4 }),
    fc.constant(JSON.parse('{"__proto__": {"polluted": true}}')),
    fc.constantFrom(
      ["limits", "maxSteps"],
      ["slots", "__proto__"],
      ["limits"],
      ["slots"],
      ["name"],
    ),
  );
  const settled = (result: ManifestResult) => {
    if (result.ok) expect(parseManifest(result.manifest)).toEqual(result.manifest);
    else expect(result.conflicts.length).toBeGreaterThan(0);
  };

  test.prop([manifests, anything, anything, anything], { numRuns: 500 })(
    "whatever they get",
    (m, x, y, z) => {
      const before = serializeManifest(m);
      settled(insert(m, x, y));
      settled(insert(m, x, { section: y, at: z }));
      settled(remove(m, x));
      settled(replaceEntry(m, x, y, z));
      settled(replaceEntry(m, "a", x, { from: y, to: z }));
      settled(configure(m, x, y));
      settled(configure(m, "a", x));
      settled(reorder(m, x));
      settled(setField(m, x, y));
      settled(setField(m, ["limits"], x));
      settled(setField(m, ["slots", "x"], x));
      settled(apply(x, m));
      settled(apply([x, y], m));
      expect(serializeManifest(m)).toBe(before);
      expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    },
  );

  test.prop([manifests, manifests])("also edits made for another manifest", (a, b) => {
    settled(apply(diff(b, a), a));
    settled(merge(a, b));
  });
});

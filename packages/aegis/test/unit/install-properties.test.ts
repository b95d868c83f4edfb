import { rm } from "node:fs/promises";
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allowing, beyondPolicy, capabilityGrowth } from "../../src/index.ts";
import { seal, statementKind, unseal } from "../../src/install/envelope.ts";
import { gateKey, trustedKeys, type GateKey } from "../../src/install/keys.ts";
import { makeFolder } from "../support/install-world.ts";

let keys: string;
beforeAll(async () => {
  keys = await makeFolder("keys");
});
afterAll(() => rm(keys, { recursive: true, force: true }));

describe("capabilityGrowth", () => {
  const lists = fc.record({
    net: fc.uniqueArray(fc.constantFrom("a", "b", "c")),
    model: fc.uniqueArray(fc.constantFrom("m", "n")),
    spawn: fc.boolean(),
  });
  test.prop([lists, lists])("is empty exactly when nothing was added", (old, next) => {
    const grown = capabilityGrowth(
      [{ id: "e", capabilities: old }],
      [{ id: "e", capabilities: next }],
    );
    const within =
      next.net.every((one) => old.net.includes(one)) &&
      next.model.every((one) => old.model.includes(one)) &&
      (!next.spawn || old.spawn);
    expect(grown.length === 0).toBe(within);
    // A policy that allows the growth leaves nothing of it.
    expect(beyondPolicy(grown, allowing({}, grown))).toEqual([]);
  });
});

describe("a signed statement", () => {
  const kind = statementKind<{ readonly n: number }>("urn:test:1", {
    type: "object",
    additionalProperties: false,
    required: ["n"],
    properties: { n: { type: "number" } },
  });
  const other = statementKind<{ readonly n: number }>("urn:test:2", {});
  let key: GateKey;
  let trusted: Awaited<ReturnType<typeof trustedKeys>>;
  beforeAll(async () => {
    key = await gateKey(keys);
    trusted = await trustedKeys(keys);
  });

  it("says what was signed, and only as what it was signed", () => {
    const sealed = seal(kind, { file: "1".repeat(64) }, { n: 3 }, key);
    expect(seal(kind, { file: "1".repeat(64) }, { n: 3 }, key)).toBe(sealed);
    expect(unseal(kind, sealed, trusted)).toMatchObject({
      ok: true,
      key: key.id,
      statement: { predicate: { n: 3 }, subject: [{ name: "file" }] },
    });
    expect(unseal(other, sealed, trusted)).toMatchObject({ ok: false, because: "invalid" });
    expect(unseal(kind, sealed, new Map())).toMatchObject({ ok: false, because: "unknown-key" });
  });

  test.prop([fc.nat(), fc.integer({ min: 1, max: 255 })], { numRuns: 200 })(
    "never reads as valid with a byte changed",
    (at, by) => {
      const sealed = seal(kind, { file: "1" }, { n: 3 }, key);
      const bytes = Buffer.from(sealed);
      bytes[at % bytes.length]! ^= by;
      const opened = unseal(kind, bytes.toString("utf8"), trusted);
      // Base64 may have spellings that decode alike: then it is the very same statement.
      if (opened.ok) expect(opened).toEqual(unseal(kind, sealed, trusted));
    },
  );

  test.prop([fc.string()])("is no statement when it is any text", (text) => {
    expect(unseal(kind, text, trusted).ok).toBe(false);
  });
});

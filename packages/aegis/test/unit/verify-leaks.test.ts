import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { decodings } from "../../src/verify/decode.ts";
import { createLeakIndex } from "../../src/verify/leak-index.ts";
import { leakFindings } from "../../src/verify/leak-scan.ts";

const letters = "abcdefghijklmnopqrstuvwxyz0123456789".split("");
const word = fc.string({ unit: fc.constantFrom(...letters), minLength: 2, maxLength: 9 });
const sentence = fc.array(word, { minLength: 20, maxLength: 40 }).map((words) => words.join(" "));

const scan = (heldOut: ReturnType<typeof createLeakIndex>, text: string) =>
  leakFindings(heldOut, { "x.md": text });

describe("createLeakIndex", () => {
  test.prop([sentence, fc.nat(60), fc.string(), fc.string()])(
    "finds every run of 31 letters and digits, wherever it stands",
    (secret, at, before, after) => {
      const plain = secret.replaceAll(" ", "");
      const from = at % (plain.length - 31);
      const piece = plain.slice(from, from + 31);
      expect(
        scan(createLeakIndex({ texts: [secret] }), `${before} ${piece} ${after}`),
      ).toHaveLength(1);
    },
  );

  test.prop([sentence, sentence])(
    "finds nothing in a text that shares nothing",
    (secret, other) => {
      const shifted = Array.from(other)
        .map((letter) => (letter === " " ? letter : `${letter}ß`))
        .join("");
      expect(scan(createLeakIndex({ texts: [secret], answers: [secret] }), shifted)).toEqual([]);
    },
  );

  test.prop([sentence])("takes what is known for no secret", (secret) => {
    const heldOut = createLeakIndex({
      texts: [secret],
      answers: [secret],
      ids: [secret],
      known: [`It was ${secret}.`],
    });
    expect(scan(heldOut, secret)).toEqual([]);
  });

  test.prop([fc.array(sentence, { maxLength: 3 }), fc.array(word, { maxLength: 3 })])(
    "is the same for the same content and another for other content",
    (texts, ids) => {
      const one = createLeakIndex({ texts, ids });
      expect(createLeakIndex({ texts, ids })).toMatchObject({ digest: one.digest, size: one.size });
      expect(createLeakIndex({ texts, ids: [...ids, "another-id-42"] }).digest).not.toBe(
        one.digest,
      );
    },
  );

  it("names the kind and the place, and never the secret", () => {
    const heldOut = createLeakIndex({
      answers: ["Ouagadougou", "42"],
      ids: ["game-1177-b"],
      canaries: ["orange-walrus-7"],
    });
    expect(heldOut.skipped).toBe(1);
    const text = "a line\nOuagadougou it is\n42\ngame 1177 B\nOrange, walrus 7!";
    expect(scan(heldOut, text)).toEqual([
      "x.md:2 holds a held-out answer",
      "x.md:4 holds a held-out id",
      "x.md:5 holds a canary",
    ]);
  });

  it("tells words apart from parts of words", () => {
    const heldOut = createLeakIndex({ answers: ["drawer 12"] });
    expect(scan(heldOut, "drawer 123, drawers 12, withdrawer 12")).toEqual([]);
    expect(scan(heldOut, "the drawer-12")).toHaveLength(1);
  });
});

describe("decodings", () => {
  const ways: Record<string, (text: string) => string> = {
    base64: (text) => Buffer.from(text).toString("base64"),
    base64url: (text) => Buffer.from(text).toString("base64url"),
    hex: (text) => Buffer.from(text).toString("hex"),
    backwards: (text) => Array.from(text).toReversed().join(""),
    percent: (text) =>
      [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
    "base64 of backwards": (text) =>
      Buffer.from(Array.from(text).toReversed().join("")).toString("base64"),
    "base64 backwards": (text) =>
      Array.from(Buffer.from(text).toString("base64")).toReversed().join(""),
    "hex of base64": (text) => Buffer.from(Buffer.from(text).toString("base64")).toString("hex"),
  };
  test.prop([sentence, fc.constantFrom(...Object.keys(ways))])(
    "undo one and two encodings",
    (text, way) => {
      expect(decodings(ways[way]!(text)).map((one) => one.text)).toContain(text);
    },
  );
});

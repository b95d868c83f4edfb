import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode, tokenizer } from "../src/index.ts";
import { sampleIndex, softmax, tokenLogprobs } from "../src/sampler.ts";
import { uniform } from "../src/random.ts";

describe("tokenizer", () => {
  it("gives any text back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (text) => {
        expect(decode(encode(text))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps names that it does not know", () => {
    for (const name of ["go to flux-capacitor 12", "take ßülzkanne 3 from Ölfass 1", "use 🧽 2"])
      expect(decode(encode(name))).toBe(name);
  });

  it("spends few tokens on the commands of the world", () => {
    expect(encode("go to drawer 3").length).toBeLessThanOrEqual(6);
    expect(encode("take soapbar 1 from sinkbasin 2").length).toBeLessThanOrEqual(10);
  });

  it("has stable ids", () => {
    // Recorded trajectories refer to these numbers: a change here is a new vocabulary.
    expect(encode("go to drawer 3")).toMatchInlineSnapshot(`
      [
        1118,
        775,
        497,
        34,
        53,
      ]
    `);
    expect(tokenizer().end).toBe(1);
  });

  it("refuses an id that it does not have", () => {
    expect(() => decode([tokenizer().size])).toThrowError(
      expect.objectContaining({ code: "HX_MODEL_TOKENS" }),
    );
  });
});

const distribution = fc
  .uniqueArray(fc.stringMatching(/^[a-c ]{1,6}$/), { minLength: 1, maxLength: 12 })
  .chain((texts) =>
    fc.record({
      texts: fc.constant(texts),
      scores: fc.array(fc.double({ min: -30, max: 30, noNaN: true }), {
        minLength: texts.length,
        maxLength: texts.length,
      }),
      temperature: fc.double({ min: 0.05, max: 5, noNaN: true }),
      u: fc.double({ min: 0, max: 0.999999, noNaN: true }),
    }),
  );

describe("sampling", () => {
  it("has token log-probabilities that add up to the command's", () => {
    fc.assert(
      fc.property(distribution, ({ texts, scores, temperature, u }) => {
        const p = softmax(scores, temperature);
        expect(p.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 10);
        const sequences = texts.map((text) => [...encode(text), tokenizer().end]);
        const chosen = sampleIndex(p, u);
        const logprobs = tokenLogprobs(sequences, p, chosen);
        expect(logprobs).toHaveLength(sequences[chosen]!.length);
        for (const each of logprobs) {
          expect(each).toBeLessThanOrEqual(0);
          expect(Number.isFinite(each)).toBe(true);
        }
        const sum = logprobs.reduce((total, each) => total + each, 0);
        expect(sum).toBeCloseTo(Math.log(p[chosen]!), 8);
      }),
      { numRuns: 300 },
    );
  });

  it("takes the best candidate at temperature 0", () => {
    expect([...softmax([1, 3, 2], 0)]).toEqual([0, 1, 0]);
  });

  it("draws evenly over successive seeds", () => {
    const bins = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 20_000; seed += 1) bins[Math.floor(uniform(seed) * 20)]! += 1;
    const chi = bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    // 99.9 % point of chi-square with 19 degrees of freedom is 43.8.
    expect(chi).toBeLessThan(43.8);
  });
});

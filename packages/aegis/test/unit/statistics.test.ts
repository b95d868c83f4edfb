import { describe, expect, it } from "vitest";
import {
  betaCdf,
  betaMean,
  betaQuantile,
  betaVariance,
  bootstrapMean,
  clusterInterval,
  comparePaired,
  createRandom,
  deriveSeed,
  logGamma,
  noiseFloor,
  normalCdf,
  wilson,
} from "../../src/statistics/index.ts";

describe("createRandom", () => {
  it("gives the same numbers for the same seed and others for another", () => {
    const draw = (seed: number | string) => Array.from({ length: 5 }, createRandom(seed).next);
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw("7")).not.toEqual(draw(7));
  });

  it("is uniform and shuffles fairly", () => {
    const random = createRandom("uniform");
    const counts = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 20_000; index += 1) counts[random.int(10)]! += 1;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    const firsts = new Set<number>();
    for (let index = 0; index < 100; index += 1) firsts.add(random.shuffle([1, 2, 3])[0]!);
    expect(firsts).toEqual(new Set([1, 2, 3]));
  });

  it("does not give one seed for two lists of parts", () => {
    expect(deriveSeed("ab", "c")).not.toBe(deriveSeed("a", "bc"));
    expect(deriveSeed(1)).not.toBe(deriveSeed("1"));
  });
});

describe("wilson", () => {
  it("agrees with published values", () => {
    // Newcombe 1998, table I: 81/263 and 15/148, and the extremes.
    const rounded = (interval: readonly number[]) => interval.map((end) => end.toFixed(4));
    expect(rounded(wilson(81, 263))).toEqual(["0.2553", "0.3662"]);
    expect(rounded(wilson(15, 148))).toEqual(["0.0624", "0.1605"]);
    expect(rounded(wilson(0, 20))).toEqual(["0.0000", "0.1611"]);
    expect(rounded(wilson(29, 29))).toEqual(["0.8830", "1.0000"]);
    expect(wilson(0, 0)).toEqual([0, 1]);
  });
});

describe("bootstrapMean", () => {
  it("covers the true mean about as often as it says", () => {
    const random = createRandom("coverage");
    let covered = 0;
    for (let trial = 0; trial < 200; trial += 1) {
      const groups = Array.from({ length: 40 }, () => [Number(random.next() < 0.3)]);
      const [low, high] = bootstrapMean(groups, { seed: trial, resamples: 400 });
      if (low <= 0.3 && 0.3 <= high) covered += 1;
    }
    expect(covered).toBeGreaterThan(178);
  });

  it("keeps repetitions of a task together", () => {
    const width = ([low, high]: readonly [number, number]) => high - low;
    const tasks = Array.from({ length: 20 }, (_, index) =>
      Array.from({ length: 10 }, () => index % 2),
    );
    const alone = tasks.flat().map((value) => [value]);
    expect(width(bootstrapMean(tasks, { seed: 1 }))).toBeGreaterThan(
      2 * width(bootstrapMean(alone, { seed: 1 })),
    );
  });
});

describe("paired comparisons", () => {
  const task = (task: string, cluster: string, ...differences: number[]) => ({
    task,
    cluster,
    differences,
  });

  it("counts pairs and weighs tasks equally", () => {
    const result = comparePaired(
      [task("a", "x", 1, 1, 0, 0), task("b", "x", -1), task("c", "y")],
      1,
    );
    expect(result).toMatchObject({ delta: -0.25, wins: 2, losses: 1, ties: 2 });
  });

  it("has no noise where nothing differs and some where something does", () => {
    const same = Array.from({ length: 10 }, (_, index) => task(`${index}`, "x", 0));
    expect(noiseFloor(same, 1)).toBe(0);
    const mixed = Array.from({ length: 10 }, (_, index) =>
      task(`${index}`, `${index % 2}`, (index % 3) - 1),
    );
    expect(noiseFloor(mixed, 1)).toBeGreaterThan(0.2);
    expect(noiseFloor([], 1)).toBe(1);
    expect(clusterInterval(mixed, 1)).toHaveLength(2);
  });
});

describe("beta", () => {
  it("agrees with known values", () => {
    expect(logGamma(10)).toBeCloseTo(Math.log(362_880), 10);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 10);
    // R: pbeta(0.3, 2, 5) and qbeta(0.1, 8, 3)
    expect(betaCdf({ a: 2, b: 5 }, 0.3)).toBeCloseTo(0.579825, 6);
    expect(betaCdf({ a: 1, b: 1 }, 0.42)).toBeCloseTo(0.42, 12);
    expect(betaCdf({ a: 8, b: 3 }, betaQuantile({ a: 8, b: 3 }, 0.1))).toBeCloseTo(0.1, 8);
    expect(betaMean({ a: 3, b: 1 })).toBe(0.75);
    expect(betaVariance({ a: 1, b: 1 })).toBeCloseTo(1 / 12, 12);
    expect(normalCdf(1.959964)).toBeCloseTo(0.975, 6);
    expect(normalCdf(-1)).toBeCloseTo(0.158655, 6);
  });
});

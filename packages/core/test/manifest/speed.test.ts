import { expect, it } from "vitest";
import { canonicalManifest, hashManifest, parseManifest } from "../../src/manifest/index.ts";

it("parses and hashes 50 entries in under a millisecond once warm", () => {
  const value = {
    name: "large",
    version: "1",
    processors: Array.from({ length: 50 }, (_, index) => ({
      id: `processor-${index}`,
      use: `@example/processor-${index}`,
      options: { window: index, names: ["a", "b"], nested: { on: true, text: "some words" } },
      stage: index % 3,
      before: index > 0 ? [`processor-${index - 1}`] : [],
    })),
    limits: { maxSteps: 9, maxCostUsd: 1 },
  };
  const text = JSON.stringify(value);
  const once = () => hashManifest(canonicalManifest(parseManifest(JSON.parse(text))));
  for (let round = 0; round < 200; round++) once();
  // The best of many: other jobs share the machine, and the bound is about the code.
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 200; round++) {
    const start = performance.now();
    once();
    best = Math.min(best, performance.now() - start);
  }
  expect(best).toBeLessThan(1);
});

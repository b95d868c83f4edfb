import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rm } from "node:fs/promises";
import { critique, plan, propose, type Candidate, type EvolveContext } from "../../src/index.ts";
import { recordKeyWorld, type Recorded } from "../support/workspace.ts";

let recorded: Recorded;
let context: EvolveContext;
let good: Candidate;
beforeAll(async () => {
  recorded = await recordKeyWorld();
  const { harness, digest } = recorded;
  context = {
    round: 1,
    parent: harness.hash,
    manifest: harness.manifest,
    catalogue: [],
    options: {},
    exclude: new Set(),
  };
  good = propose(digest, plan(digest, harness.manifest, [], 1), context)[0]!;
});
afterAll(() => rm(recorded.dir, { recursive: true, force: true }));

const judge = (...candidates: Candidate[]) =>
  critique({ candidates, digest: recorded.digest, context });

describe("critique", () => {
  it("accepts what the evidence bears", () => {
    expect(judge(good)).toEqual([{ candidate: good.id, decision: "accept", findings: [] }]);
  });

  const bad: [string, (candidate: Candidate) => Candidate, RegExp][] = [
    ["another parent", (one) => ({ ...one, parent: "sha256-other" }), /another harness/],
    [
      "claims without evidence",
      (one) => ({ ...one, manifest: { ...one.manifest, evidence: [] } }),
      /no evidence/,
    ],
    [
      "edits of what judges",
      (one) => ({ ...one, manifest: { ...one.manifest, dims: ["evaluation"] } }),
      /evaluation is not to be edited/,
    ],
    [
      "promises about tasks that pass",
      (one) => ({
        ...one,
        manifest: {
          ...one.manifest,
          predict: { ...one.manifest.predict, unlock: ["no such task"] },
        },
      }),
      /none of the tasks/,
    ],
    [
      "more gain than there are failures",
      (one) => ({
        ...one,
        manifest: { ...one.manifest, predict: { ...one.manifest.predict, delta: 101 } },
      }),
      /promises 101 points/,
    ],
    [
      "a raised limit that is not declared",
      (one) => ({
        ...one,
        edits: [...one.edits, { op: "set", path: ["limits", "maxSteps"], from: 9, to: 90 }],
        manifest: { ...one.manifest, dims: ["memory"] },
      }),
      /raises limits.maxSteps/,
    ],
  ];
  it.each(bad)("rejects %s", (_name, spoil, reason) => {
    const [verdict] = judge(spoil(good));
    expect(verdict).toMatchObject({ decision: "reject" });
    expect(verdict!.findings).toEqual([expect.stringMatching(reason)]);
  });

  it("rejects a proposal that is made twice, and keeps the first", () => {
    expect(judge(good, good).map(({ decision }) => decision)).toEqual(["accept", "reject"]);
  });
});

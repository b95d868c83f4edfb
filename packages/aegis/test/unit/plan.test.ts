import { rm } from "node:fs/promises";
import { validatorFor } from "@harnessx/core";
import type { SuiteTask } from "@harnessx/core/plugin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  candidateSchema,
  landscapeSchema,
  packageDigest,
  plan,
  propose,
  storeName,
  type Attempt,
  type EvolveContext,
} from "../../src/index.ts";
import { keyWorld } from "../support/key-world.ts";
import { recordKeyWorld, type Recorded } from "../support/workspace.ts";

let recorded: Recorded;
beforeAll(async () => {
  recorded = await recordKeyWorld();
});
afterAll(() => rm(recorded.dir, { recursive: true, force: true }));

const attempt = (rest: Partial<Attempt>): Attempt => ({
  round: 1,
  dimension: "memory",
  pathology: "forgets_places",
  operator: "template:place-memory",
  outcome: "certified",
  ...rest,
});
const context = (rest: Partial<EvolveContext> = {}): EvolveContext => ({
  round: 1,
  parent: recorded.harness.hash,
  manifest: recorded.harness.manifest,
  catalogue: [],
  options: {},
  exclude: new Set(),
  ...rest,
});
const bare = { name: "k", version: "1" };

describe("plan", () => {
  it("fits its schema and names structural directions that were not tried", () => {
    const landscape = plan(recorded.digest, bare, [], 1);
    expect(validatorFor(landscapeSchema)(JSON.parse(JSON.stringify(landscape)))).toBeUndefined();
    expect(landscape.pathologies.map(({ id }) => id)).toContain("forgets_places");
    expect(landscape.directions[0]).toMatchObject({ structural: true, mandatory: true });
    expect(landscape.entropy).toBe(1);
    expect(landscape.untried.length).toBeGreaterThan(3);
    expect(landscape.clusters.find(({ id }) => id === "unlock with a coin")?.routeFeatures).toEqual(
      ["coin"],
    );
  });

  it("learns from what was tried", () => {
    const refuted = plan(recorded.digest, bare, [attempt({ outcome: "refuted" })], 2);
    const gain = (landscape: typeof refuted) =>
      landscape.directions.find(
        ({ dimension, pathology }) => dimension === "memory" && pathology === "forgets_places",
      )!.expectedGain;
    expect(gain(refuted)).toBeLessThan(gain(plan(recorded.digest, bare, [], 1)));
    expect(refuted.tried).toEqual([
      { dimension: "memory", pathology: "forgets_places", n: 1, certified: 0, refuted: 1 },
    ]);
    expect(refuted.reputation.memory!.b).toBeGreaterThan(refuted.reputation.memory!.a);
    expect(refuted.untried).not.toContainEqual({
      dimension: "memory",
      pathology: "forgets_places",
    });
  });

  it("raises an alert when all edits are of one kind", () => {
    const one = plan(
      recorded.digest,
      bare,
      Array.from({ length: 6 }, () => attempt({})),
      7,
    );
    expect(one.entropy).toBe(0);
    expect(one.alerts).toHaveLength(2);
    expect(one.directions[0]!.mandatory).toBe(true);
    const mixed = plan(
      recorded.digest,
      bare,
      [attempt({}), attempt({ dimension: "context" }), attempt({ dimension: "control" })],
      4,
    );
    expect(mixed.alerts).toEqual([]);
    expect(mixed.entropy).toBeGreaterThan(0.4);
  });
});

describe("propose", () => {
  const make = (rest: Partial<EvolveContext> = {}, limit?: number) =>
    propose(recorded.digest, plan(recorded.digest, bare, [], 1), context(rest), limit);

  it("makes complete candidates, the same ones every time", () => {
    const candidates = make();
    expect(candidates).toHaveLength(4);
    for (const candidate of candidates) {
      expect(validatorFor(candidateSchema)(JSON.parse(JSON.stringify(candidate)))).toBeUndefined();
      expect(candidate.manifest.evidence.length).toBeGreaterThan(0);
      for (const generated of candidate.packages) {
        expect(Object.keys(generated.files).toSorted()).toEqual(
          expect.arrayContaining([
            "README.md",
            "options.schema.json",
            "package.json",
            "src/index.ts",
            "test/index.test.ts",
          ]),
        );
        expect(storeName(generated)).toBe(
          `${generated.name}-${generated.version}-${packageDigest(generated.files).slice(0, 12)}`,
        );
      }
    }
    expect(make()).toEqual(candidates);
    expect(new Set(candidates.map(({ id }) => id)).size).toBe(candidates.length);
    expect(make({}, 2)).toHaveLength(2);
  });

  it("writes neither task ids nor anything of another split into packages", () => {
    const text = make()
      .flatMap(({ packages }) => packages.flatMap(({ files }) => Object.values(files)))
      .join("\n");
    for (const task of keyWorld({ tasks: 48 }).tasks() as readonly SuiteTask[]) {
      expect(text).not.toContain(task.id);
      expect(text).not.toContain(task.family);
    }
    expect(text).not.toContain(recorded.dir);
    for (const { id } of recorded.records) expect(text).not.toContain(id.slice(0, 16));
  });

  it("takes parameters from traces", () => {
    const memory = make().find(({ operator }) => operator === "template:place-memory")!
      .packages[0]!;
    const schema = JSON.parse(memory.files["options.schema.json"]!) as {
      properties: Record<string, { default: unknown }>;
    };
    expect(schema.properties["look"]!.default).toEqual([{ tool: "open_box", argument: "box" }]);
    expect(schema.properties["empty"]!.default).toEqual([
      "you open the {place}. in it, you see nothing.",
    ]);
    expect(memory.files["README.md"]).toContain("In it, you see nothing.");
  });

  it("offers what the catalogue lists, and nothing twice", () => {
    const catalogue = [
      {
        package: "@harnessx/processor-loop-guard",
        dimension: "control" as const,
        pathologies: ["repeat_without_progress" as const],
        defaultOptions: { repeats: 3 },
      },
    ];
    const inserted = make({ catalogue }, 9).find(
      ({ operator }) => operator === "insert:@harnessx/processor-loop-guard",
    )!;
    expect(inserted.packages).toEqual([]);
    expect(inserted.edits[0]).toMatchObject({
      op: "insert",
      entry: { id: "loop-guard", use: "@harnessx/processor-loop-guard", options: { repeats: 3 } },
    });
    const there = {
      ...bare,
      processors: [
        { id: "place-memory", use: "./x" },
        { id: "loops", use: "@harnessx/processor-loop-guard" },
      ],
    };
    const operators = make(
      { catalogue, manifest: there, exclude: new Set(["template:usual-places"]) },
      9,
    ).map(({ operator }) => operator);
    expect(operators.toSorted()).toEqual(["template:progress-advice", "template:task-procedures"]);
  });

  it("retunes what is installed when the traces suggest other parameters", () => {
    const installed = make().find(({ operator }) => operator === "template:progress-advice")!;
    const schema = JSON.parse(installed.packages[0]!.files["options.schema.json"]!) as {
      properties: Record<string, { default: unknown }>;
    };
    const now = Object.fromEntries(
      Object.entries(schema.properties).map(([name, { default: value }]) => [name, value]),
    ) as { repeats: number };
    const manifest = {
      ...bare,
      processors: [{ id: "progress-advice", use: "./.harnessx/plugins/x" }],
    };
    const operators = (options: object) =>
      make({ manifest, options: { "progress-advice": options as never } }, 9);
    expect(operators(now).map(({ operator }) => operator)).not.toContain(
      "configure:progress-advice",
    );
    const other = operators({ ...now, repeats: now.repeats + 3 });
    const retuned = other.find(({ operator }) => operator === "configure:progress-advice")!;
    expect(retuned).toMatchObject({
      packages: [],
      edits: [{ op: "configure", id: "progress-advice", to: now }],
      manifest: { bucket: "config" },
    });
  });
});

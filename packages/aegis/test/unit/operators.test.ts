import { fc, test as property } from "@fast-check/vitest";
import { apply, diff, invert, validatorFor } from "@harnessx/core";
import type { Limits, Manifest, ProcessorEntry } from "@harnessx/core";
import type { Dimension } from "@harnessx/core/plugin";
import { describe, expect, it } from "vitest";
import {
  candidateSchema,
  catalogueSchema,
  checkChangeManifest,
  critique,
  propose,
  verifyPackage,
  type CatalogueEntry,
  type Digest,
  type EvolveContext,
  type Landscape,
  type OfferedFinding,
} from "../../src/index.ts";
import { mineOffered } from "../../src/mine/offered.ts";
import { prefetch } from "../../src/evolve/templates/prefetch.ts";
import { digestOf, hashOf } from "../support/evolution-parts.ts";
import type { Episode } from "../../src/digest/episode.ts";

const prompt = "@harnessx/processor-system-prompt";
const hooks = ["taskStart"] as const;
const evidence = [{ trace: "run-1", seq: 4, quote: "no such table: nut" }];
const offered: OfferedFinding = {
  tools: ["read_map"],
  called: { failing: 0, passing: 0.5 },
  errors: 0.75,
  evidence,
};

/** A digest in which half of the runs of one task fail. */
function digestWith(processors: Digest["processors"], more: Partial<Digest["mined"]> = {}): Digest {
  const base = digestOf(1, hashOf("parent"), "no such table: nut");
  const task = { task: "t", cluster: "c", status: "FLAKY", lcb: 0, evidence: [] } as const;
  return {
    ...base,
    processors,
    tasks: [{ ...task, trials: { pass: 20, fail: 28, infra: 0 } }],
    categories: [{ ...base.categories[0]!, category: "hallucinated_reference", tasks: ["t"] }],
    mined: { procedures: [], ...more },
  };
}

function landscapeWith(dimensions: readonly Dimension[]): Landscape {
  return {
    v: 1,
    round: 1,
    clusters: [],
    pathologies: [{ id: "hallucinated_reference", tasks: ["t"], expectedGain: 20 }],
    tried: [],
    untried: [],
    entropy: 1,
    reputation: {},
    alerts: [],
    directions: dimensions.map((dimension) => ({
      dimension,
      pathology: "hallucinated_reference",
      expectedGain: 20,
      structural: true,
      mandatory: false,
    })),
  };
}

const contextOf = (manifest: Manifest, rest: Partial<EvolveContext> = {}): EvolveContext => ({
  round: 1,
  parent: hashOf("parent"),
  manifest,
  catalogue: [],
  options: {},
  facts: Object.fromEntries(
    (manifest.processors ?? []).map(({ id }) => [id, { dimension: "context" as const, hooks }]),
  ),
  exclude: new Set(),
  ...rest,
});

const entry = (rest: Partial<CatalogueEntry>): CatalogueEntry => ({
  package: prompt,
  dimension: "context",
  pathologies: ["hallucinated_reference"],
  hooks,
  ...rest,
});

const proposals = (context: EvolveContext, digest = digestWith({}), limit = 20) =>
  propose(digest, landscapeWith(["context"]), context, limit);
const operators = (context: EvolveContext, digest = digestWith({})): string[] =>
  proposals(context, digest).map(({ operator }) => operator);

const said: ProcessorEntry = { id: "prompt", use: prompt, options: { text: "Go." } };
const bare: Manifest = { name: "k", version: "1" };
const one: Manifest = { ...bare, limits: { maxSteps: 2 }, processors: [said] };

describe("catalogue entries", () => {
  const slow = entry({
    id: "slow",
    mode: "replace",
    defaultOptions: { text: "Go slowly." },
    limits: { maxSteps: 9, maxTokens: 500 },
  });

  it("replace what is there, under its id, and bring the limits that they need", () => {
    const [candidate] = proposals(contextOf(one, { catalogue: [slow] }));
    expect(candidate).toMatchObject({
      operator: `replace:${prompt}#slow`,
      edits: [
        { op: "configure", id: "prompt", from: { text: "Go." }, to: { text: "Go slowly." } },
        { op: "set", path: ["limits", "maxSteps"], from: 2, to: 9 },
      ],
      manifest: { dims: ["context", "control"], predict: { costRatio: 1.5 } },
    });
  });

  it("are inserted where there is nothing to replace, and left out where they are", () => {
    expect(proposals(contextOf(bare, { catalogue: [slow] }))[0]!.edits).toEqual([
      {
        op: "insert",
        section: "processors",
        after: null,
        entry: { id: "slow", use: prompt, options: { text: "Go slowly." } },
      },
    ]);
    const there = { ...one, processors: [{ ...said, options: slow.defaultOptions! }] };
    expect(operators(contextOf(there, { catalogue: [slow] }))).toEqual(["remove:prompt"]);
  });

  it("never lower a limit, and leave open what is open", () => {
    for (const limits of [{ maxSteps: 50 }, undefined]) {
      const manifest = { ...bare, processors: [said], ...(limits ? { limits } : {}) };
      const [candidate] = proposals(contextOf(manifest, { catalogue: [slow] }));
      expect(candidate!.edits).toHaveLength(1);
      expect(candidate!.manifest.dims).toEqual(["context"]);
    }
  });

  it("replace another package that does the same job", () => {
    const catalogue = [entry({ package: "other-prompt", mode: "replace", group: "prompt" })];
    const facts = { prompt: { dimension: "context", group: "prompt", hooks } } as const;
    expect(proposals(contextOf(one, { catalogue, facts }))[0]!.edits).toEqual([
      {
        op: "replace",
        section: "processors",
        from: said,
        to: { id: "prompt", use: "other-prompt" },
      },
    ]);
    expect(proposals(contextOf(one, { catalogue }))[0]!.edits[0]).toMatchObject({ op: "insert" });
  });

  it("tune some options of a present entry and leave the others", () => {
    const catalogue = [entry({ id: "more", mode: "tune", defaultOptions: { mode: "replace" } })];
    const [candidate] = proposals(contextOf(one, { catalogue }));
    expect(candidate).toMatchObject({
      operator: `tune:${prompt}#more`,
      edits: [{ op: "configure", id: "prompt", to: { text: "Go.", mode: "replace" } }],
    });
    const same = { prompt: { text: "Go.", mode: "replace" } };
    expect(operators(contextOf(one, { catalogue, options: same }))).toEqual(["remove:prompt"]);
    expect(operators(contextOf(bare, { catalogue }))).toEqual([]);
  });

  it("route a model role", () => {
    const router = entry({ package: "@x/processor-router", dimension: "model" });
    const [candidate] = propose(
      digestWith({}),
      landscapeWith(["model"]),
      contextOf(bare, { catalogue: [router] }),
    );
    expect(candidate!.operator).toBe("route:@x/processor-router");
  });

  it("are told apart by id, so that refuting one does not exclude another", () => {
    const fast = entry({ id: "fast", mode: "replace", defaultOptions: { text: "Go fast." } });
    const catalogue = [slow, fast];
    const exclude = new Set([`replace:${prompt}#slow`]);
    expect(operators(contextOf(one, { catalogue, exclude }))).toEqual([
      `replace:${prompt}#fast`,
      "remove:prompt",
    ]);
  });

  it("fit their schema; others do not", () => {
    const check = validatorFor(catalogueSchema);
    expect(check(JSON.parse(JSON.stringify([slow])))).toBeUndefined();
    expect(check([{ ...slow, limits: { maxSteps: "all" } }])).toBeDefined();
    expect(check([{ ...slow, mode: "delete" }])).toBeDefined();
  });
});

describe("simplifications", () => {
  const two = { ...bare, processors: [said, { id: "facts", use: "x" }] };
  const spoke = { ran: 4, acted: 4, changes: { appendSystem: 4 } };

  it("take out what never acts before what does, and claim no gain", () => {
    const digest = digestWith({ prompt: spoke, facts: { ran: 8, acted: 0 } });
    const found = proposals(contextOf(two), digest);
    expect(found.map(({ operator }) => operator)).toEqual(["remove:facts", "remove:prompt"]);
    expect(found[0]!.manifest).toMatchObject({ intent: "simplify", predict: { delta: 0 } });
    expect(found[0]!.manifest.mechanism).toContain("ran 8 times");
  });

  it("let what speaks speak last, when something speaks after it", () => {
    const digest = digestWith({ prompt: spoke, facts: spoke });
    expect(operators(contextOf(two), digest)[0]).toBe("reorder:prompt:last");
    expect(operators(contextOf(two), digestWith({ prompt: spoke }))[0]).toBe("remove:prompt");
  });

  it("leave alone what judges or records, and what is unknown", () => {
    const facts = { prompt: { dimension: "observability" as const } };
    expect(operators(contextOf(two, { facts }))).toEqual([]);
  });
});

describe("every proposal", () => {
  const dimension = fc.constantFrom<Dimension>("context", "memory", "control");
  const limits = fc.record<Limits>(
    { maxSteps: fc.integer({ min: 1, max: 60 }), maxTokens: fc.integer({ min: 1, max: 1e6 }) },
    { requiredKeys: [] },
  );
  const uses = fc.constantFrom(prompt, "x", "y");
  const entries = fc.uniqueArray(
    fc.record({
      id: fc.constantFrom("a", "b", "c", "prefetch"),
      use: uses,
      dimension,
      text: fc.string(),
    }),
    { selector: ({ id }) => id, maxLength: 4 },
  );
  const catalogue = fc.uniqueArray(
    fc.record({
      id: fc.constantFrom("p", "q", "a"),
      package: uses,
      dimension,
      mode: fc.constantFrom("insert", "replace", "tune"),
      limits,
      text: fc.string(),
    }),
    { selector: ({ id, package: name }) => `${name} ${id}`, maxLength: 5 },
  );

  property.prop([entries, catalogue, limits, fc.boolean()])(
    "applies, is undone exactly, is what it says, and passes the critic",
    (there, offers, has, acts) => {
      const processors = there.map(({ id, use, text }) => ({ id, use, options: { text } }));
      const manifest: Manifest = { ...bare, limits: has, processors };
      const seen = { ran: 2, acted: acts ? 2 : 0, changes: { appendUser: acts ? 2 : 0 } };
      const context = contextOf(manifest, {
        facts: Object.fromEntries(
          there.map(({ id, dimension: own }) => [id, { dimension: own, hooks }]),
        ),
        catalogue: offers.map(({ text, ...rest }) => entry({ ...rest, defaultOptions: { text } })),
      });
      const digest = digestWith(Object.fromEntries(there.map(({ id }) => [id, seen])), { offered });
      const landscape = landscapeWith(["context", "memory", "control"]);
      const candidates = propose(digest, landscape, context, 50);
      for (const candidate of candidates) {
        expect(
          validatorFor(candidateSchema)(JSON.parse(JSON.stringify(candidate))),
        ).toBeUndefined();
        const applied = apply(candidate.edits, manifest);
        if (!applied.ok) throw new Error(candidate.operator);
        const undone = apply(invert(candidate.edits), applied.manifest);
        expect(undone).toEqual({ ok: true, manifest });
        const raised = candidate.edits.flatMap((edit) =>
          edit.op === "set" ? [edit.path[1]!] : [],
        );
        expect(
          checkChangeManifest(candidate, diff(manifest, applied.manifest), { mayRaise: raised }),
        ).toEqual([]);
      }
      const names = candidates.map(({ operator }) => operator);
      expect(new Set(names).size).toBe(names.length);
      const critiques = critique({ candidates, digest, context });
      expect(critiques.flatMap(({ findings }) => findings)).toEqual([]);
      // What was refuted stays away.
      const again = propose(digest, landscape, { ...context, exclude: new Set(names) }, 50);
      expect(again.filter(({ operator }) => names.includes(operator))).toEqual([]);
    },
  );
});

describe("tools that nobody reads", () => {
  let number = 0;
  const run = (
    passed: boolean,
    tools: readonly string[],
    more: Partial<Episode> = {},
  ): Episode => ({
    trace: `run-${(number += 1)}`,
    task: "t",
    cluster: "c",
    passed,
    text: "Find the nut.",
    exit: "budget_steps",
    steps: 1,
    calls: tools.map((tool, seq) => ({
      seq,
      step: 1,
      tool,
      args: {},
      key: tool,
      reply: tool === "dig" ? "There is no nut." : "A hill.",
      status: tool === "dig" ? "error" : "ok",
    })),
    truncated: 0,
    processors: {},
    offered: ["read_map"],
    lastSeq: 9,
    lastText: "",
    ...more,
  });
  const failing = Array.from({ length: 6 }, () => run(false, ["dig"]));

  it("are found by offers, errors and calls", () => {
    expect(mineOffered([...failing, run(true, ["read_map", "dig"])])).toMatchObject({
      tools: ["read_map"],
      called: { failing: 0, passing: 1 },
      errors: 1,
    });
  });

  it.each<[string, readonly Episode[]]>([
    ["failing runs read it", [...failing, run(false, ["read_map", "dig"])]],
    ["nothing was offered", failing.map((episode) => ({ ...episode, offered: [] }))],
    ["nothing went wrong on the way", Array.from({ length: 6 }, () => run(false, ["look"]))],
    ["there are too few failures", failing.slice(0, 4)],
    [
      "its reply changes within a run",
      [
        ...failing,
        run(true, ["read_map", "read_map"], {
          calls: ["A hill.", "A well."].map((reply, seq) => ({
            ...run(true, ["read_map"]).calls[0]!,
            seq,
            reply,
          })),
        }),
      ],
    ],
  ])("are none when %s", (_name, episodes) => {
    expect(mineOffered(episodes)).toBeUndefined();
  });

  it("are read by a package that passes the verification", async () => {
    const { report } = await verifyPackage(prefetch(offered, "0.1.1"));
    expect(report.checks.flatMap(({ findings }) => findings)).toEqual([]);
    expect(report.ok).toBe(true);
  });

  it("take one step more, where steps are limited", () => {
    const digest = digestWith({}, { offered });
    const [candidate] = proposals(contextOf(one), digest);
    expect(candidate!.operator).toBe("template:prefetch");
    expect(candidate!.edits.at(-1)).toEqual({
      op: "set",
      path: ["limits", "maxSteps"],
      from: 2,
      to: 3,
    });
    expect(proposals(contextOf(bare), digest)[0]!.edits).toHaveLength(1);
  });
});

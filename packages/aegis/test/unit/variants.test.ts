import { describe, expect, it } from "vitest";
import {
  chooseTarget,
  MAIN,
  rateOf,
  route,
  routing,
  settle,
  variantsOf,
  type GateOutcome,
  type JournalEntry,
  type JournalEvent,
  type Variant,
} from "../../src/index.ts";

const journal = (...entries: JournalEntry[]): JournalEvent[] =>
  entries.map((entry, seq) => ({ ...entry, seq, prev: "", hash: "" }));

const begin = (harness: string): JournalEntry => ({
  t: "begin",
  run: 1,
  suite: "s",
  verifier: "v",
  data: "d",
  model: "m",
  policy: "rule",
  seed: 1,
  harness,
  options: "",
});

const tasks = [
  { id: "a1", cluster: "a" },
  { id: "b1", cluster: "b" },
];
const outcome = (arm: "cand" | "inc", task: number, pass: 0 | 1, rep = 0): GateOutcome => ({
  arm,
  task,
  rep,
  pass,
});
const certify = (id: string, variant = MAIN): JournalEntry => ({
  t: "certify",
  id,
  variant,
  candidates: [],
  policy: {},
  tasks,
  context: {},
});
const verdict = (id: string, decision: "APPLY" | "FORK" | "REJECT"): JournalEntry => ({
  t: "verdict",
  id,
  verdict: {
    type: "verdict",
    decision,
    reason: "",
    alpha: 0,
    effect: 0,
    interval: [0, 0],
    clusters: [],
    collapsed: [],
    checks: [],
    trials: 0,
  },
});
const trials = (id: string, outcomes: GateOutcome[]): JournalEntry => ({
  t: "trials",
  id,
  outcomes,
});
const forked = (variant: string, verdictId: string, scope: string[]): JournalEntry => ({
  t: "fork",
  variant,
  version: `hash of ${variant}`,
  parent: MAIN,
  scope,
  manifest: "{}",
  verdict: verdictId,
  why: "",
});
const measured = [
  outcome("cand", 0, 1),
  outcome("inc", 0, 0),
  outcome("cand", 1, 0),
  outcome("inc", 1, 1),
];
const variant = (id: string, ledger: Variant["ledger"], more: Partial<Variant> = {}): Variant => ({
  id,
  version: id,
  scope: "all",
  ledger,
  age: 0,
  ...more,
});

describe("variantsOf", () => {
  it("gives a child its parent's counts and all that the gate measured, not the cells that it won", () => {
    const events = journal(
      begin("h"),
      { t: "ledger", round: 1, variant: MAIN, clusters: { a: { s: 2, f: 8 } } },
      certify("verdict-1"),
      trials("verdict-1", measured),
      verdict("verdict-1", "FORK"),
      forked("variant-1", "verdict-1", ["a"]),
    );
    const [main, child] = variantsOf(events);
    expect(main).toMatchObject({ version: "h", ledger: { a: { s: 2, f: 9 }, b: { s: 1, f: 0 } } });
    expect(child).toMatchObject({
      id: "variant-1",
      parent: MAIN,
      scope: ["a"],
      ledger: { a: { s: 3, f: 9 }, b: { s: 1, f: 1 } },
    });
  });

  it("lets a shipped version start from what it was measured at, the past decayed", () => {
    const events = journal(
      begin("h"),
      { t: "ledger", round: 1, variant: MAIN, clusters: { a: { s: 10, f: 0 } } },
      certify("verdict-1"),
      trials("verdict-1", measured),
      verdict("verdict-1", "APPLY"),
      { t: "ship", version: "h2", parents: ["h"], verdict: "verdict-1", why: "" },
    );
    expect(variantsOf(events)).toMatchObject([
      { version: "h2", ledger: { a: { s: 9, f: 0 }, b: { s: 0, f: 1 } } },
    ]);
  });

  it("follows merges, retirements, rollbacks, and a harness that a person changed", () => {
    const pool = journal(
      begin("h"),
      certify("verdict-1"),
      trials("verdict-1", measured),
      verdict("verdict-1", "FORK"),
      forked("variant-1", "verdict-1", ["a"]),
      forked("variant-2", "verdict-1", ["b"]),
      { t: "merge", variant: "variant-1", into: MAIN, why: "" },
      { t: "retire", variant: "variant-2", why: "" },
    );
    expect(variantsOf(pool.slice(0, 6)).map(({ id }) => id)).toEqual([
      MAIN,
      "variant-1",
      "variant-2",
    ]);
    expect(variantsOf(pool).map(({ id }) => id)).toEqual([MAIN]);
    expect(variantsOf(journal(begin("h"), begin("other")))).toMatchObject([{ version: "other" }]);
  });
});

describe("routing", () => {
  const main = variant(MAIN, { a: { s: 2, f: 8 }, b: { s: 8, f: 2 } });
  const child = variant("variant-1", { a: { s: 8, f: 2 }, b: { s: 9, f: 0 } }, { scope: ["a"] });

  it("sends a cluster to the best of those that were certified for it", () => {
    expect(route([main, child], "a").id).toBe("variant-1");
    expect(route([main, child], "b").id).toBe(MAIN);
  });

  it("sends what nobody has played to the best overall, and a newborn does not win by being new", () => {
    expect(route([main, child], "z").id).toBe(MAIN);
    const newborn = variant("variant-2", {}, { scope: ["a"] });
    expect(route([main, newborn], "a").id).toBe(MAIN);
    expect(rateOf(undefined)).toBe(0.5);
  });

  it("works on the variant with most failures to expect, and never on one without tasks", () => {
    const variants = [main, child, variant("variant-2", {}, { scope: ["z"] })];
    const clusters = ["a", "b"];
    const routes = routing(variants, clusters);
    const many = [...Array.from({ length: 9 }, () => ({ cluster: "b" })), { cluster: "a" }];
    expect(chooseTarget(variants, routes, many)).toMatchObject({
      variant: { id: MAIN },
      clusters: ["b"],
    });
    const other = [...Array.from({ length: 9 }, () => ({ cluster: "a" })), { cluster: "b" }];
    expect(chooseTarget(variants, routes, other).variant.id).toBe("variant-1");
  });
});

describe("settle", () => {
  const main = variant(MAIN, { a: { s: 50, f: 50 }, b: { s: 50, f: 50 } });

  it("leaves a pool alone in which everybody is needed", () => {
    const child = variant("variant-1", { a: { s: 90, f: 10 } }, { scope: ["a"], parent: MAIN });
    expect(settle([main, child], ["a", "b"], 8)).toBeUndefined();
  });

  it("merges what does not differ: the same harness, or one that nothing is routed to", () => {
    const same = variant("variant-1", {}, { version: MAIN });
    expect(settle([main, same], ["a"], 8)).toMatchObject({ t: "merge", into: MAIN });
    const worse = variant("variant-1", { a: { s: 40, f: 60 } }, { scope: ["a"], parent: MAIN });
    expect(settle([main, worse], ["a"], 8)).toMatchObject({ t: "merge", variant: "variant-1" });
    const young = variant("variant-1", { a: { s: 1, f: 3 } }, { scope: ["a"], parent: MAIN });
    expect(settle([main, young], ["a"], 8)).toBeUndefined();
  });

  it("retires the worst on the clusters that all have played, never main", () => {
    const good = variant("variant-1", { a: { s: 9, f: 1 }, b: { s: 1, f: 9 } }, { scope: ["a"] });
    const bad = variant("variant-2", { a: { s: 7, f: 3 }, b: { s: 9, f: 1 } }, { scope: ["b"] });
    const weak = variant(MAIN, { a: { s: 1, f: 9 } });
    expect(settle([weak, good, bad], ["a", "b"], 2)).toMatchObject({
      t: "retire",
      variant: "variant-2",
    });
  });
});

import type { GateOutcome, GateTask } from "../gate/index.ts";
import type { JournalEvent } from "../journal/index.ts";
import type { Tries, Variant } from "./types.ts";

/** The variant that stands in harness.json. */
export const MAIN = "main";

/** Of what was known of a version, the share that still counts for the next. */
const DECAY = 0.8;

interface Growing extends Omit<Variant, "ledger"> {
  readonly ledger: Map<string, Tries>;
}

/** The variants that a journal leaves standing, `main` first. */
export function variantsOf(events: readonly JournalEvent[]): Variant[] {
  const variants = new Map<string, Growing>();
  const measured = new Map<string, Measurement>();
  for (const event of events) step(variants, measured, event);
  return [...variants.values()].map((variant) => ({
    ...variant,
    ledger: Object.fromEntries([...variant.ledger].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }));
}

/** One certification, while it is read. */
interface Measurement {
  readonly variant: string;
  readonly tasks: readonly GateTask[];
  readonly outcomes: GateOutcome[];
}

function step(
  variants: Map<string, Growing>,
  measured: Map<string, Measurement>,
  event: JournalEvent,
): void {
  switch (event.t) {
    case "begin":
      replaceMain(variants, event.harness);
      break;
    case "ledger":
      for (const [cluster, tries] of Object.entries(event.clusters))
        add(variants.get(event.variant), cluster, tries);
      break;
    case "certify":
      measured.set(event.id, { variant: event.variant, tasks: event.tasks, outcomes: [] });
      break;
    case "trials":
      measured.get(event.id)?.outcomes.push(...event.outcomes);
      break;
    case "verdict": {
      const own = measured.get(event.id);
      if (!own) break;
      // What takes the variant's place brings its own outcomes: see `ship` and `fork`.
      if (event.verdict.decision !== "APPLY") learn(variants.get(own.variant), own, "inc");
      for (const [id, variant] of variants) variants.set(id, { ...variant, age: variant.age + 1 });
      break;
    }
    case "ship":
      succeed(variants, MAIN, event.version, measured.get(event.verdict));
      break;
    case "fork": {
      const own = measured.get(event.verdict);
      if (variants.has(event.variant)) succeed(variants, event.variant, event.version, own);
      else {
        const parent = variants.get(event.parent);
        const child: Growing = {
          id: event.variant,
          version: event.version,
          parent: event.parent,
          scope: event.scope,
          ledger: new Map(parent?.ledger),
          age: 0,
        };
        learn(child, own, "cand");
        variants.set(event.variant, child);
      }
      break;
    }
    case "merge":
    case "retire":
      variants.delete(event.variant);
      break;
    case "rollback":
      // An installation that was given up never became a version: it has no parents.
      if (event.parents.length > 0) replaceMain(variants, event.version);
      break;
    default:
  }
}

function replaceMain(variants: Map<string, Growing>, version: string): void {
  const known = variants.get(MAIN);
  if (known?.version === version) return;
  const main: Growing = { id: MAIN, version, scope: "all", ledger: new Map(), age: 0 };
  const others = [...variants].filter(([id]) => id !== MAIN);
  variants.clear();
  variants.set(MAIN, main);
  for (const [id, variant] of others) variants.set(id, variant);
}

function succeed(
  variants: Map<string, Growing>,
  id: string,
  version: string,
  own: Measurement | undefined,
): void {
  const before = variants.get(id);
  if (!before) return;
  const ledger = new Map(
    [...before.ledger].map(([cluster, { s, f }]) => [cluster, { s: s * DECAY, f: f * DECAY }]),
  );
  const next: Growing = { ...before, version, ledger, age: 0 };
  learn(next, own, "cand");
  variants.set(id, next);
}

function learn(
  variant: Growing | undefined,
  own: Measurement | undefined,
  wanted: "cand" | "inc",
): void {
  for (const { arm, task, pass, audit, infra } of own?.outcomes ?? []) {
    if (arm !== wanted || infra) continue;
    const passed = pass === 1 && audit !== 0;
    const tries = { s: Number(passed), f: Number(!passed) };
    add(variant, own!.tasks[task]!.cluster, tries);
  }
}

function add(variant: Growing | undefined, cluster: string, { s, f }: Tries): void {
  const known = variant?.ledger.get(cluster) ?? { s: 0, f: 0 };
  variant?.ledger.set(cluster, { s: known.s + s, f: known.f + f });
}

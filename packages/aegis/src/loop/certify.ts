import type { LoadedHarness } from "@harnessx/core";
import type { SuiteTask } from "@harnessx/core/plugin";
import {
  createGate,
  type GateContext,
  type GateOutcome,
  type GatePolicy,
  type GateTask,
  type GateVerdict,
} from "../gate/index.ts";
import type { JournalEvent } from "../journal/index.ts";
import type { RolloutRecord } from "../rollout/index.ts";
import { deriveSeed } from "../statistics/index.ts";
import { variantsOf, type RoundTarget } from "../variants/index.ts";
import type { Stack } from "./screen.ts";
import { play, specsOf, tell, type Session } from "./session.ts";

/** A verdict under the id that lock entries and the journal name it by, and what it is about. */
export interface Certified {
  readonly id: string;
  readonly verdict: GateVerdict;
  readonly stack: Stack;
  /** Let through by the gate, and held back because tasks that nobody can solve were passed. */
  readonly blocked?: boolean;
}

/** Of a shipped version's history, what is kept at the next: a solved task is no obligation for ever. */
const DECAY = 0.8;

/**
 * Certifies a stack against the incumbent on validation tasks of the target's clusters, fresh and in
 * pairs. Everything that the verdict depends on goes into the journal before the verdict does;
 * nothing about single tasks leaves this function.
 */
export async function certify(
  session: Session,
  round: number,
  target: RoundTarget,
  incumbent: LoadedHarness,
  stack: Stack,
): Promise<Certified> {
  const { journal, options } = session;
  const id = `verdict-${1 + journal.events.filter((event) => event.t === "verdict").length}`;
  const routed = session.validation.filter(({ cluster }) => target.clusters.includes(cluster));
  const tasks = gateTasks(journal.events, target.variant.id, routed);
  const simplifies = stack.members.every(({ manifest }) => manifest.intent === "simplify");
  const context: GateContext = {
    confirmIndex: alphaSpent(journal.events),
    intent: simplifies ? "simplify" : "gain",
    marginSpent: marginSpent(journal.events),
    driftAlarm: false,
    staticFindings: [],
    poolSize: variantsOf(journal.events).length,
    minShareOfFlips: Math.max(
      ...stack.members.map(({ manifest }) => manifest.signature.minShareOfFlips),
    ),
  };
  const policy = policyFor(journal.events, options.policy);
  const components = stack.members.map(({ manifest }) => manifest.signature.component);
  journal.append({
    t: "certify",
    id,
    variant: target.variant.id,
    candidates: stack.members.map((member) => member.id),
    policy,
    tasks,
    context,
  });
  const gate = createGate(policy, tasks, context);
  const seed = deriveSeed("certify", options.seed, id);
  for (;;) {
    const step = gate.next();
    if (step.type === "verdict") {
      journal.append({ t: "verdict", id, verdict: step });
      return { id, verdict: step, stack };
    }
    const specs = step.trials.map(({ arm, task, rep }) => {
      const harness = arm === "cand" ? stack.harness : incumbent;
      const tasksOfOne: readonly SuiteTask[] = [routed[task]!];
      return specsOf(session, harness, {
        tasks: tasksOfOne,
        reps: [rep],
        seed,
        watch: arm === "cand",
        fresh: true,
      })[0]!;
    });
    const records = await play(session, "certify", specs);
    const priced = records.some(({ costUsd }) => costUsd > 0);
    const outcomes = step.trials.map((trial, index) => ({
      ...trial,
      ...outcomeOf(records[index]!, components, priced),
    }));
    journal.append({ t: "trials", id, outcomes });
    gate.observe(outcomes);
    tell(session, round, "certify", `${outcomes.length} trials`);
  }
}

/**
 * The gate's policy for a run. Where two measurements of one harness never differ, a second trial of
 * a pair says nothing that the first has not said: each pair is played once.
 */
function policyFor(
  events: readonly JournalEvent[],
  policy: Partial<GatePolicy> = {},
): Partial<GatePolicy> {
  const floor = events.findLast((event) => event.t === "floor");
  const settled = floor?.t === "floor" && floor.pairs > 0 && floor.flips === 0;
  return settled ? { minBlocks: 1, maxBlocks: 1, guardBlocks: 0, ...policy } : policy;
}

function outcomeOf(
  record: RolloutRecord,
  components: readonly string[],
  priced: boolean,
): Pick<GateOutcome, "pass" | "cost" | "audit" | "infra" | "fired"> {
  return {
    pass: record.passed ? 1 : 0,
    // Without prices a count of tokens is no cost that anybody pays.
    ...(priced ? { cost: record.costUsd } : {}),
    ...(record.audit === undefined ? {} : { audit: record.audit ? 1 : 0 }),
    ...(record.infra ? { infra: true } : {}),
    ...(record.fired
      ? { fired: components.some((component) => record.fired!.includes(component)) ? 1 : 0 }
      : {}),
  };
}

/** Certifications that cost level: one that shipped gives its share back, one that played nothing took none. */
const alphaSpent = (events: readonly JournalEvent[]): number =>
  verdictsOf(events).filter(({ decision, trials }) => decision !== "APPLY" && trials > 0).length;

/** What shipped simplifications were allowed to lose, together. */
const marginSpent = (events: readonly JournalEvent[]): number =>
  verdictsOf(events)
    .filter(({ decision }) => decision === "APPLY")
    .reduce((sum, { marginSpent: spent = 0 }) => sum + spent, 0);

const verdictsOf = (events: readonly JournalEvent[]): GateVerdict[] =>
  events.flatMap((event) => (event.t === "verdict" ? [event.verdict] : []));

/** Validation tasks with what the incumbent's lineage has shown on them. */
function gateTasks(
  events: readonly JournalEvent[],
  variant: string,
  tasks: readonly SuiteTask[],
): GateTask[] {
  const hist = new Map<string, { s: number; f: number }>();
  let own: Extract<JournalEvent, { t: "certify" }> | undefined;
  let outcomes: readonly GateOutcome[] = [];
  for (const event of events) {
    if (event.t === "certify") {
      own = event.variant === variant ? event : undefined;
      outcomes = [];
    } else if (event.t === "trials") outcomes = [...outcomes, ...event.outcomes];
    else if (event.t === "verdict" && own) {
      const shipped = event.verdict.decision === "APPLY";
      if (shipped)
        for (const [task, { s, f }] of hist) hist.set(task, { s: s * DECAY, f: f * DECAY });
      for (const { arm, task, pass, audit, infra } of outcomes) {
        // The arm that is the incumbent from now on.
        if (infra || (arm === "cand") !== shipped) continue;
        const id = own.tasks[task]!.id;
        const { s, f } = hist.get(id) ?? { s: 0, f: 0 };
        const passed = pass === 1 && audit !== 0;
        hist.set(id, { s: s + Number(passed), f: f + Number(!passed) });
      }
    }
  }
  return tasks.map(({ id, cluster }) => {
    const known = hist.get(id);
    return known ? { id, cluster, hist: known } : { id, cluster };
  });
}

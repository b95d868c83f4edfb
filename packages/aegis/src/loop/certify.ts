import type { LoadedHarness } from "@harnessx/core";
import {
  createGate,
  type GateContext,
  type GateOutcome,
  type GateTask,
  type GateVerdict,
} from "../gate/index.ts";
import type { JournalEvent } from "../journal/index.ts";
import type { RolloutRecord } from "../rollout/index.ts";
import { deriveSeed } from "../statistics/index.ts";
import type { Stack } from "./screen.ts";
import { specsOf, tell, type Session } from "./session.ts";

/** A verdict under the id that lock entries and the journal name it by. */
export interface Certified {
  readonly id: string;
  readonly verdict: GateVerdict;
}

/** Of a shipped version's history, what is kept at the next: a solved task is no obligation for ever. */
const DECAY = 0.8;

/**
 * Certifies a stack against the incumbent on validation, fresh and in pairs. Everything that the
 * verdict depends on goes into the journal before the verdict does; nothing about single tasks leaves
 * this function.
 */
export async function certify(
  session: Session,
  round: number,
  incumbent: LoadedHarness,
  stack: Stack,
): Promise<Certified> {
  const { journal, options, validation } = session;
  const confirmIndex = journal.events.filter((event) => event.t === "verdict").length;
  const id = `verdict-${confirmIndex + 1}`;
  const tasks = gateTasks(session);
  const context: GateContext = {
    confirmIndex: alphaSpent(journal.events),
    minShareOfFlips: Math.max(
      ...stack.members.map(({ manifest }) => manifest.signature.minShareOfFlips),
    ),
  };
  const policy = options.policy ?? {};
  const components = stack.members.map(({ manifest }) => manifest.signature.component);
  journal.append({
    t: "certify",
    id,
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
      return { id, verdict: step };
    }
    const specs = step.trials.map(({ arm, task, rep }) => {
      const harness = arm === "cand" ? stack.harness : incumbent;
      return specsOf(session, harness, {
        tasks: [validation[task]!],
        reps: [rep],
        seed,
        watch: arm === "cand",
      })[0]!;
    });
    const records = await session.pool.run(specs);
    const outcomes = step.trials.map((trial, index) => ({
      ...trial,
      ...outcomeOf(records[index]!, components),
    }));
    journal.append({ t: "trials", id, outcomes });
    gate.observe(outcomes);
    tell(session, round, "certify", `${outcomes.length} trials`);
  }
}

function outcomeOf(
  record: RolloutRecord,
  components: readonly string[],
): Pick<GateOutcome, "pass" | "cost" | "audit" | "infra" | "fired"> {
  return {
    pass: record.passed ? 1 : 0,
    // Without prices a count of tokens is no cost that anybody pays.
    ...(record.costUsd > 0 ? { cost: record.costUsd } : {}),
    ...(record.audit === undefined ? {} : { audit: record.audit ? 1 : 0 }),
    ...(record.infra ? { infra: true } : {}),
    ...(record.fired
      ? { fired: components.some((component) => record.fired!.includes(component)) ? 1 : 0 }
      : {}),
  };
}

/** Certifications that cost level: one that shipped gives its share back. */
function alphaSpent(events: readonly JournalEvent[]): number {
  return events.filter((event) => event.t === "verdict" && event.verdict.decision !== "APPLY")
    .length;
}

/** The validation tasks with what the incumbent's lineage has shown on them. */
function gateTasks({ journal, validation }: Session): GateTask[] {
  const hist = new Map<string, { s: number; f: number }>();
  let tasks: readonly GateTask[] = [];
  let pending: readonly GateOutcome[] = [];
  for (const event of journal.events) {
    if (event.t === "certify") {
      tasks = event.tasks;
      pending = [];
    } else if (event.t === "trials") pending = [...pending, ...event.outcomes];
    else if (event.t === "verdict") {
      const shipped = event.verdict.decision === "APPLY";
      if (shipped)
        for (const [task, { s, f }] of hist) hist.set(task, { s: s * DECAY, f: f * DECAY });
      for (const { arm, task, pass, audit, infra } of pending) {
        // The arm that is the incumbent from now on.
        if (infra || (arm === "cand") !== shipped) continue;
        const id = tasks[task]!.id;
        const { s, f } = hist.get(id) ?? { s: 0, f: 0 };
        const passed = pass === 1 && audit !== 0;
        hist.set(id, { s: s + Number(passed), f: f + Number(!passed) });
      }
    }
  }
  return validation.map(({ id, cluster }) => {
    const known = hist.get(id);
    return known ? { id, cluster, hist: known } : { id, cluster };
  });
}

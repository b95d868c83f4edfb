import { apply, loadHarness } from "@harnessx/core";
import type { LoadedHarness, ManifestEdit } from "@harnessx/core";
import type { Candidate } from "../evolve/index.ts";
import { trunkDecision, type TrunkDecision } from "../gate/index.ts";
import type { RolloutRecord } from "../rollout/index.ts";
import { groupBy } from "../statistics/group.ts";
import { deriveSeed } from "../statistics/index.ts";
import { runTrials, tell, type Session } from "./session.ts";

/** At most so many trials of every train task decide on a candidate. */
const MAX_BLOCKS = 4;

/** Candidates that together look better than the incumbent, and the harness that they make. */
export interface Stack {
  readonly members: readonly Candidate[];
  readonly edits: readonly ManifestEdit[];
  readonly harness: LoadedHarness;
}

export interface Screening {
  /** Undefined when nothing looked better. */
  readonly stack: Stack | undefined;
  readonly decisions: ReadonlyMap<string, TrunkDecision>;
}

/**
 * Screens candidates on train, in pairs with the incumbent under fresh seeds, and stacks those that
 * also help on top of the ones before. Screening only chooses what is certified.
 */
export async function screen(
  session: Session,
  round: number,
  incumbent: LoadedHarness,
  candidates: readonly Candidate[],
): Promise<Screening> {
  const decisions = new Map<string, TrunkDecision>();
  const taken: Candidate[] = [];
  for (const candidate of candidates) {
    const harness = await harnessOf(session, incumbent, candidate.edits);
    if (!harness) continue;
    const decision = await compare(session, "screen", round, incumbent, harness);
    decisions.set(candidate.id, decision);
    tell(
      session,
      round,
      "screen",
      `${candidate.operator}: ${decision.mean.toFixed(1)} points, ${decision.decision}`,
    );
    if (decision.decision === "take") taken.push(candidate);
  }
  taken.sort(
    (a, b) => decisions.get(b.id)!.mean - decisions.get(a.id)!.mean || (a.id < b.id ? -1 : 1),
  );
  let stack: Stack | undefined;
  for (const candidate of taken) {
    const base = stack?.harness ?? incumbent;
    const edits = stacked(base, candidate, stack?.edits ?? []);
    const harness = await harnessOf(session, incumbent, edits);
    if (!harness) continue;
    if (stack) {
      const decision = await compare(session, "stack", round, base, harness);
      decisions.set(candidate.id, decision);
      tell(
        session,
        round,
        "screen",
        `${candidate.operator} on top: ${decision.mean.toFixed(1)} points, ${decision.decision}`,
      );
      if (decision.decision !== "take") continue;
    }
    stack = { members: [...(stack?.members ?? []), candidate], edits, harness };
  }
  return { stack, decisions };
}

/** Edits of a candidate after those of a stack: what was inserted at the end now comes after the stack's last entry. */
function stacked(
  base: LoadedHarness,
  candidate: Candidate,
  before: readonly ManifestEdit[],
): ManifestEdit[] {
  const last = base.manifest.processors?.at(-1)?.id ?? null;
  const moved = candidate.edits.map((edit) =>
    edit.op === "insert" && edit.section === "processors" ? { ...edit, after: last } : edit,
  );
  return [...before, ...moved];
}

/** The harness after some edits; undefined when they do not apply or the result does not load. */
export async function harnessOf(
  session: Session,
  incumbent: LoadedHarness,
  edits: readonly ManifestEdit[],
): Promise<LoadedHarness | undefined> {
  const applied = apply(edits, incumbent.manifest);
  if (!applied.ok) return undefined;
  try {
    return await loadHarness(applied.manifest, { root: session.options.dir, lock: false });
  } catch {
    return undefined;
  }
}

/** One block after another until the posterior decides. */
async function compare(
  session: Session,
  purpose: string,
  round: number,
  base: LoadedHarness,
  harness: LoadedHarness,
): Promise<TrunkDecision> {
  const seed = deriveSeed(purpose, session.options.seed, round);
  const inc: RolloutRecord[] = [];
  const cand: RolloutRecord[] = [];
  let decision = trunkDecision([]);
  for (
    let block = 0;
    block < MAX_BLOCKS && (decision.decision === "undecided" || block < 2);
    block += 1
  ) {
    const trials = { tasks: session.train, reps: [block], seed };
    inc.push(...(await runTrials(session, base, trials)));
    cand.push(...(await runTrials(session, harness, trials)));
    decision = trunkDecision(pool(inc, cand));
  }
  return decision;
}

function pool(inc: readonly RolloutRecord[], cand: readonly RolloutRecord[]) {
  const tally = (records: readonly RolloutRecord[]) => {
    const fair = records.filter(
      (record) => record.infra !== "environment" && record.infra !== "unknown",
    );
    return new Map(
      [...groupBy(fair, (record) => record.task)].map(([task, group]) => [
        task,
        { pass: group.filter((record) => record.passed).length, n: group.length },
      ]),
    );
  };
  const before = tally(inc);
  const after = tally(cand);
  const none = { pass: 0, n: 0 };
  return [...before].map(([task, counts]) => ({ inc: counts, cand: after.get(task) ?? none }));
}

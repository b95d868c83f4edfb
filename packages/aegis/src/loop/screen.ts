import { apply, loadHarness } from "@harnessx/core";
import type { LoadedHarness, ManifestEdit } from "@harnessx/core";
import type { SuiteTask } from "@harnessx/core/plugin";
import type { Candidate } from "../evolve/index.ts";
import { trunkDecision, type TrunkDecision } from "../gate/index.ts";
import type { RolloutRecord } from "../rollout/index.ts";
import { groupBy } from "../statistics/group.ts";
import { deriveSeed } from "../statistics/index.ts";
import { isUnfair, runTrials, tell, type Session } from "./session.ts";

/** At most so many trials of every train task decide on a candidate. */
const MAX_BLOCKS = 4;
const MIN_BLOCKS = 2;

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
  tasks: readonly SuiteTask[],
  incumbent: LoadedHarness,
  candidates: readonly Candidate[],
): Promise<Screening> {
  const compare = (purpose: string, base: LoadedHarness, harness: LoadedHarness) =>
    compareOn(session, `${purpose} ${round}`, tasks, base, harness);
  const decisions = new Map<string, TrunkDecision>();
  const taken: Candidate[] = [];
  for (const candidate of candidates) {
    const harness = await harnessOf(session, incumbent, candidate.edits);
    if (!harness) continue;
    const decision = await compare("screen", incumbent, harness);
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
    const next = await stackOf(session, incumbent, [...(stack?.members ?? []), candidate]);
    if (!next) continue;
    if (stack) {
      const decision = await compare("stack", base, next.harness);
      decisions.set(candidate.id, decision);
      tell(
        session,
        round,
        "screen",
        `${candidate.operator} on top: ${decision.mean.toFixed(1)} points, ${decision.decision}`,
      );
      if (decision.decision !== "take") continue;
    }
    stack = next;
  }
  return { stack: await reconsider(session, round, tasks, incumbent, stack), decisions };
}

/**
 * Measures a stack again with fresh trials, because those that chose it flatter it; what was put on
 * last comes off as long as the rest is not more likely better than worse.
 */
async function reconsider(
  session: Session,
  round: number,
  tasks: readonly SuiteTask[],
  incumbent: LoadedHarness,
  stack: Stack | undefined,
): Promise<Stack | undefined> {
  for (let members = stack?.members ?? []; members.length > 0; members = members.slice(0, -1)) {
    const again = await stackOf(session, incumbent, members);
    if (!again) continue;
    const { mean } = await compareOn(session, `again ${round}`, tasks, incumbent, again.harness, 2);
    tell(session, round, "screen", `stack of ${members.length}: ${mean.toFixed(1)} points, fresh`);
    // A normal posterior lies above zero with more than one half exactly when its mean does.
    if (mean > 0) return again;
  }
  return undefined;
}

/** Candidates one on top of the other; undefined when they do not fit together. */
export async function stackOf(
  session: Session,
  incumbent: LoadedHarness,
  members: readonly Candidate[],
): Promise<Stack | undefined> {
  let stack: Stack | undefined;
  for (const member of members) {
    const edits = stacked(stack?.harness ?? incumbent, member, stack?.edits ?? []);
    const harness = await harnessOf(session, incumbent, edits);
    if (!harness) return undefined;
    stack = { members: [...(stack?.members ?? []), member], edits, harness };
  }
  return stack;
}

/** Edits of a candidate after those of a stack: what was inserted at the end now comes after the stack's last entry. */
function stacked(
  base: LoadedHarness,
  candidate: Candidate,
  before: readonly ManifestEdit[],
): ManifestEdit[] {
  if (before.length === 0) return [...candidate.edits];
  const last = (section: "processors" | "tools") => base.manifest[section]?.at(-1)?.id ?? null;
  const anchors = { processors: last("processors"), tools: last("tools") };
  const moved = candidate.edits.map((edit) => {
    if (edit.op !== "insert") return edit;
    const after = anchors[edit.section];
    anchors[edit.section] = edit.entry.id;
    return { ...edit, after };
  });
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
    const { dir, open } = session.options;
    return await loadHarness(applied.manifest, {
      root: dir,
      lock: false,
      ...(open ? { open } : {}),
    });
  } catch {
    return undefined;
  }
}

/** One block after another until the posterior decides. */
async function compareOn(
  session: Session,
  purpose: string,
  tasks: readonly SuiteTask[],
  base: LoadedHarness,
  harness: LoadedHarness,
  blocks = MAX_BLOCKS,
): Promise<TrunkDecision> {
  const seed = deriveSeed(purpose, session.options.seed);
  const inc: RolloutRecord[] = [];
  const cand: RolloutRecord[] = [];
  let decision = trunkDecision([]);
  for (
    let block = 0;
    block < blocks && (decision.decision === "undecided" || block < MIN_BLOCKS);
    block += 1
  ) {
    const trials = { tasks, reps: [block], seed };
    inc.push(...(await runTrials(session, "screen", base, trials)));
    cand.push(...(await runTrials(session, "screen", harness, trials)));
    decision = trunkDecision(pool(inc, cand));
  }
  return decision;
}

function pool(inc: readonly RolloutRecord[], cand: readonly RolloutRecord[]) {
  const tally = (records: readonly RolloutRecord[]) => {
    const fair = records.filter((record) => !isUnfair(record));
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

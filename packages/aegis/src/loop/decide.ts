import type { LoadedHarness } from "@harnessx/core";
import { install } from "../install/index.ts";
import { MAIN, type RoundTarget } from "../variants/index.ts";
import type { VerificationReport } from "../verify/index.ts";
import { canariesAlarm } from "./canary.ts";
import { certify, type Certified } from "./certify.ts";
import { stackOf, type Stack } from "./screen.ts";
import { tell, type Session } from "./session.ts";
import type { RoundReport } from "./types.ts";
import { fork } from "./variants.ts";

/** Reports on the packages of candidates, by the candidate's id. */
export type Reports = ReadonlyMap<string, readonly VerificationReport[]>;

/** What the gate made of a stack and of the parts that it was taken apart into. */
export interface Decided {
  readonly certified: readonly Certified[];
  readonly shipped?: LoadedHarness;
  readonly forked?: NonNullable<RoundReport["forked"]>;
}

/**
 * Takes a stack to the gate and installs what is let through. A stack of several edits that is not
 * is taken apart, the better half first: one bad edit must not cost the others.
 */
export async function decide(
  session: Session,
  round: number,
  target: RoundTarget,
  incumbent: LoadedHarness,
  stack: Stack,
  reports: Reports,
): Promise<Decided> {
  const certified: Certified[] = [];
  const open: (readonly Stack["members"][number][])[] = [stack.members];
  let harness = incumbent;
  let forked: Decided["forked"];
  for (let members = open.shift(); members; members = open.shift()) {
    const next = await stackOf(session, harness, members);
    if (!next) continue;
    const one = await certify(session, round, target, harness, next);
    const { decision } = one.verdict;
    const passes = decision === "APPLY" || decision === "FORK";
    const blocked = passes && (await canariesAlarm(session, round, one.id, next.harness));
    certified.push({ ...one, blocked });
    if (blocked) continue;
    if (decision === "APPLY") {
      if (target.variant.id === MAIN) harness = await ship(session, round, harness, one, reports);
      else {
        forked = fork(session, target.variant, one);
        harness = next.harness;
      }
      session.harnesses.set(harness.hash, harness);
    } else if (decision === "FORK") {
      forked = fork(session, target.variant, one);
      session.harnesses.set(next.harness.hash, next.harness);
      tell(session, round, "install", `${forked.variant} for ${forked.scope.join(", ")}`);
    } else if (members.length > 1) {
      const middle = Math.ceil(members.length / 2);
      open.push(members.slice(0, middle), members.slice(middle));
    }
  }
  const shipped = harness !== incumbent && target.variant.id === MAIN ? harness : undefined;
  return { certified, ...(shipped ? { shipped } : {}), ...(forked ? { forked } : {}) };
}

async function ship(
  session: Session,
  round: number,
  incumbent: LoadedHarness,
  { id, verdict, stack }: Certified,
  reports: Reports,
): Promise<LoadedHarness> {
  const { options, journal } = session;
  const { dir, open, keys, isolation = "wasm" } = options;
  const tier = typeof isolation === "string" ? isolation : isolation.tier;
  const harness = await install({
    dir,
    journal,
    edits: stack.edits,
    parent: incumbent.hash,
    measured: stack.harness.hash,
    verdict: id,
    why: verdict.reason,
    verified: stack.members.flatMap(({ id: member }) => reports.get(member) ?? []),
    ...(tier === "process" ? { tier } : {}),
    ...(open ? { open } : {}),
    ...(keys === undefined ? {} : { keys }),
  });
  tell(session, round, "install", harness.hash.slice(0, 19));
  return harness;
}

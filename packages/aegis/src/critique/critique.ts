import type { Digest } from "../digest/index.ts";
import type { Candidate, EvolveContext } from "../evolve/index.ts";
import { document, listOf, record, text } from "../schema.ts";

/** What the critic says about one candidate. Its rejection binds; what it accepts is not yet admitted. */
export interface Critique {
  /** Id of the candidate. */
  readonly candidate: string;
  /** `revise`: to be sent back once. */
  readonly decision: "accept" | "revise" | "reject";
  /** One line each. */
  readonly findings: readonly string[];
}

/** JSON Schema of the critiques of a round. */
export const critiquesSchema = document(
  "Critiques",
  listOf(
    record({
      candidate: text,
      decision: { enum: ["accept", "revise", "reject"] },
      findings: listOf(text),
    }),
  ),
);

/** What a critic looks at. */
export interface Criticised {
  readonly candidates: readonly Candidate[];
  readonly digest: Digest;
  readonly context: EvolveContext;
}

/** Longer promises than the failures that there are. */
const SLACK_POINTS = 1;

/**
 * Reads candidates for what contradicts the evidence: claims without evidence, predictions about
 * tasks that do not fail, more gain than there are failures, limits that are raised without saying
 * so, dimensions that nobody may edit, a proposal that was made twice.
 */
export function critique({ candidates, digest, context }: Criticised): Critique[] {
  const seen = new Set<string>();
  return candidates.map((candidate) => {
    const findings = findingsOf(candidate, digest, context);
    if (seen.has(candidate.id)) findings.push("it is proposed twice");
    seen.add(candidate.id);
    return {
      candidate: candidate.id,
      decision: findings.length === 0 ? "accept" : "reject",
      findings,
    };
  });
}

/** Evidence, verdicts and training signal stay as they are: an edit there would grade itself. */
const FROZEN = new Set(["evaluation", "observability", "training"]);

function findingsOf(
  { manifest, edits, parent }: Candidate,
  digest: Digest,
  context: EvolveContext,
): string[] {
  const findings: string[] = [];
  if (parent !== context.parent) findings.push("it edits another harness than the present one");
  if (manifest.evidence.length === 0) findings.push("it cites no evidence");
  for (const dimension of manifest.dims)
    if (FROZEN.has(dimension)) findings.push(`the dimension ${dimension} is not to be edited`);
  const failing = new Set(
    digest.tasks.filter(({ trials }) => trials.fail > 0).map(({ task }) => task),
  );
  const unlock = manifest.predict.unlock;
  if (unlock.length > 0 && !unlock.some((task) => failing.has(task)))
    findings.push("none of the tasks that it promises to unlock fails");
  const { pass, fail, infra } = digest.rollouts;
  const room = (100 * fail) / Math.max(1, pass + fail + infra);
  if (manifest.predict.delta > room + SLACK_POINTS)
    findings.push(
      `it promises ${manifest.predict.delta} points where ${room.toFixed(1)} can be gained`,
    );
  for (const edit of edits) {
    if (edit.op !== "set" || edit.path[0] !== "limits") continue;
    const raised =
      typeof edit.to !== "number" || typeof edit.from !== "number" || edit.to > edit.from;
    const declared = manifest.dims.includes("control") && manifest.predict.costRatio > 1;
    if (raised && !declared)
      findings.push(`it raises ${edit.path.join(".")} and does not say what that costs`);
  }
  return findings;
}

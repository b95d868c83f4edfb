import { apply, canonicalJson, invert, sha256Hex } from "@harnessx/core";
import type { Dimension } from "@harnessx/core/plugin";
import type { Digest } from "../digest/index.ts";
import type { Direction, Landscape } from "../plan/index.ts";
import { operatorsFor } from "./operators.ts";
import type { Operator, Proposal } from "./proposal.ts";
import { simplifications } from "./structural-operators.ts";
import { packageDigest } from "./templates/package.ts";
import type { Candidate, EvolveContext } from "./types.ts";

/** More evidence than this says nothing more. */
const MAX_EVIDENCE = 12;
/** Candidates of a round that only take away or move what is there. */
const MAX_SIMPLIFICATIONS = 2;

/**
 * Turns directions into at most `limit` candidates, best direction first, each with its own
 * operator. Deterministic: the same digest, landscape and context give the same candidates.
 */
export function propose(
  digest: Digest,
  landscape: Landscape,
  context: EvolveContext,
  limit = 4,
): Candidate[] {
  const used = new Set(context.exclude);
  const candidates: Candidate[] = [];
  const take = (direction: Direction, operators: readonly Operator[], most: number): void => {
    for (const operator of operators) {
      if (candidates.length >= most) return;
      const proposal = operator(direction, digest, context);
      if (!proposal || used.has(proposal.operator)) continue;
      // An edit that does not apply is none: a stale entry id, a group that is taken.
      if (!apply(proposal.edits, context.manifest).ok) continue;
      used.add(proposal.operator);
      candidates.push(candidateOf(proposal, direction, landscape, context));
    }
  };
  const operators = operatorsFor(context);
  for (const direction of landscape.directions) take(direction, operators, limit);
  const most = Math.min(limit, candidates.length + MAX_SIMPLIFICATIONS);
  const trials = simplifications(context);
  for (const direction of landscape.directions) take(direction, trials, most);
  return candidates;
}

function candidateOf(
  proposal: Proposal,
  direction: Direction,
  landscape: Landscape,
  context: EvolveContext,
): Candidate {
  const { edits, packages, intent = "gain" } = proposal;
  const content = {
    edits,
    packages: packages.map((one) => [one.name, one.version, packageDigest(one.files)]),
  };
  const tasks = landscape.pathologies.find(({ id }) => id === direction.pathology)?.tasks ?? [];
  return {
    v: 1,
    id: sha256Hex(canonicalJson(content)).slice(0, 16),
    parent: context.parent,
    operator: proposal.operator,
    scope: "all",
    edits,
    packages,
    manifest: {
      dims: dimensionsOf(proposal),
      bucket: proposal.bucket,
      intent,
      pathology: proposal.pathology,
      evidence: proposal.evidence.slice(0, MAX_EVIDENCE).map(({ trace, seq }) => `${trace}#${seq}`),
      mechanism: proposal.mechanism,
      touches: [
        ...proposal.hooks.map((hook) => ({ hook, slot: "", key: proposal.component })),
        ...limitsIn(proposal).map((key) => ({ hook: "", slot: "limits", key })),
      ],
      predict: {
        unlock: intent === "simplify" ? [] : tasks,
        stabilise: [],
        atRisk: [],
        delta: intent === "simplify" ? 0 : Math.round(direction.expectedGain * 10) / 10,
        costRatio: proposal.costRatio,
      },
      signature: { component: proposal.component, minShareOfFlips: 0.6 },
      capability: [],
      rollback: {
        to: context.parent,
        sideEffects: "none",
        undo: invert(edits).map((edit) => canonicalJson(edit)),
      },
    },
  };
}

/** Limits that it sets. */
const limitsIn = ({ edits }: Proposal): string[] =>
  edits.flatMap((edit) =>
    edit.op === "set" && edit.path[0] === "limits" ? edit.path.slice(1) : [],
  );

/** More of a limit is an edit of control, whatever it is for. */
function dimensionsOf(proposal: Proposal): Dimension[] {
  const { dimension } = proposal;
  return [
    ...new Set<Dimension>(limitsIn(proposal).length > 0 ? [dimension, "control"] : [dimension]),
  ];
}

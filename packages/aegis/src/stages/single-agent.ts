import type { Landscape } from "../plan/index.ts";
import { deterministicStages } from "./deterministic.ts";
import type { Stages } from "./types.ts";

/**
 * A baseline: the same operators without a plan and without a critic. Directions come in the order
 * of the alphabet, whatever the traces say about their worth, and nobody objects.
 */
export const singleAgentStages: Stages = {
  ...deterministicStages,
  async plan(input) {
    const landscape: Landscape = await deterministicStages.plan(input);
    const directions = landscape.directions
      .map((direction) => ({ ...direction, mandatory: false }))
      .toSorted((a, b) =>
        `${a.pathology} ${a.dimension}` < `${b.pathology} ${b.dimension}` ? -1 : 1,
      );
    return { ...landscape, alerts: [], directions };
  },
  critique: ({ candidates }) =>
    candidates.map(({ id }) => ({ candidate: id, decision: "accept", findings: [] })),
};

import { critique } from "../critique/index.ts";
import { digestRollouts } from "../digest/index.ts";
import { propose } from "../evolve/index.ts";
import { plan } from "../plan/index.ts";
import type { Stages } from "./types.ts";

/** The stages without a model: the same input gives the same result. */
export const deterministicStages: Stages = {
  by: "program",
  digest: ({ records, tasks }) => digestRollouts(records, tasks),
  plan: ({ digest, context, history }) => plan(digest, context.manifest, history, context.round),
  propose: ({ digest, landscape, context, limit }) => propose(digest, landscape, context, limit),
  critique,
};

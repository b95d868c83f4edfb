export { deterministicStages } from "./deterministic.ts";
export { singleAgentStages } from "./single-agent.ts";
export type { CritiqueInput, DigestInput, PlanInput, ProposeInput, Stages } from "./types.ts";
export { artefactStages } from "./from-artefacts.ts";

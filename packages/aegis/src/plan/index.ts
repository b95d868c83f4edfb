export { plan } from "./plan.ts";
export { landscapeSchema } from "./schema.ts";
export type { Attempt, Direction, Landscape, Pathology } from "./types.ts";

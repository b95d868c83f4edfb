export { createMetaStages } from "./stages.ts";
export type { MetaOptions } from "./work.ts";

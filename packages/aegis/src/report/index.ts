export { renderReport, type RenderOptions } from "./page/render.ts";
export { readEvolution } from "./read.ts";
export { evolutionRecordSchema } from "./schema.ts";
export type * from "./types.ts";

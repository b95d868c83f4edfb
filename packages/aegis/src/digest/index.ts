export { contrastOf, type Contrast } from "./contrast.ts";
export { digestEpisodes, digestRollouts, evidenceOf } from "./digest.ts";
export { episodeOf, readEpisode, type Episode, type EpisodeCall } from "./episode.ts";
export { checkEvidence, QUOTE_LIMIT, type Evidence } from "./evidence.ts";
export { mechanicsOf, noEffectReplies, type BudgetShape, type Mechanics } from "./mechanics.ts";
export { failureCategories, failuresOf, type Failure, type FailureCategory } from "./taxonomy.ts";
export { digestSchema } from "./schema.ts";
export type {
  BudgetDigest,
  CategoryDigest,
  Claim,
  Digest,
  TaskDigest,
  TaskStatus,
  ToolDigest,
} from "./types.ts";

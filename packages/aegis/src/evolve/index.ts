export { propose } from "./evolve.ts";
export { candidateSchema } from "./schema.ts";
export { packageDigest, STORE, storeName, usePath } from "./templates/package.ts";
export type {
  Candidate,
  CatalogueEntry,
  ChangeManifest,
  EvolveContext,
  GeneratedPackage,
} from "./types.ts";

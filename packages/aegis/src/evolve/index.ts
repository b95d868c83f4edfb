export { propose } from "./evolve.ts";
export { candidateSchema, catalogueSchema } from "./schema.ts";
export { packageDigest, STORE, storeName, usePath } from "./templates/package.ts";
export type {
  Candidate,
  CatalogueEntry,
  ChangeManifest,
  EvolveContext,
  GeneratedPackage,
} from "./types.ts";

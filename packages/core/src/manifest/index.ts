export { apply, requireManifest } from "./apply.ts";
export { canonicalJson, canonicalManifest, hashManifest, sha256Hex } from "./canonical.ts";
export type { CanonicalFacts, CanonicalManifest } from "./canonical.ts";
export { diff } from "./diff.ts";
export { configure, insert, remove, reorder, replaceEntry, setField } from "./edits.ts";
export type { FieldPath } from "./edits.ts";
export { editsSchema } from "./edits-schema.ts";
export { readLock, readManifest, writeManifestAndLock } from "./files.ts";
export { invert, touches } from "./invert.ts";
export { limitDefaults, resolveLimits } from "./limits.ts";
export type { ResolvedLimits } from "./limits.ts";
export {
  emptyLock,
  lockEntryMatches,
  requireLockEntry,
  withLockEntry,
  withoutLockEntry,
} from "./lock.ts";
export type { LockedFacts } from "./lock.ts";
export { merge, mergeEdits } from "./merge.ts";
export { orderProcessors } from "./order.ts";
export { hashPackage } from "./package-hash.ts";
export { parseLock, parseManifest, serializeLock, serializeManifest } from "./parse.ts";
export type { Beside, InsertWhere } from "./positions.ts";
export { lockSchema, manifestSchema } from "./schema.ts";
export type {
  EntryFacts,
  ErrorPolicy,
  Limits,
  Lock,
  LockEntry,
  Manifest,
  ManifestConflict,
  ManifestEdit,
  ManifestResult,
  McpEndpoint,
  ProcessorEntry,
  Section,
  ToolsEntry,
} from "./types.ts";

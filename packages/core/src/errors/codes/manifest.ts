import type { ErrorTable } from "../../plugin/error.ts";

/** Manifests, locks and models files. */
export const manifestErrors = {
  HX_MANIFEST_UNREADABLE: {
    tag: "ManifestError",
    message: "{file} cannot be read as JSON: {problem}.",
    hint: "Check the path and the syntax of the file.",
  },
  HX_MANIFEST_UNWRITABLE: {
    tag: "ManifestError",
    message: "{file} cannot be written: {problem}.",
    hint: "Check that the folder exists, is writable and has space left.",
  },
  HX_MANIFEST_INVALID: {
    tag: "ManifestError",
    message: "The manifest is not valid at {path}: {problem}.",
    hint: "Correct the field; unknown keys are errors so that a typo never goes unnoticed.",
  },
  HX_MANIFEST_CONFLICT: {
    tag: "ManifestError",
    message: "The manifest edit is not possible: {problem}.",
    hint: "Resolve every conflict in details.conflicts and try again.",
  },
  HX_MANIFEST_DUPLICATE_ID: {
    tag: "ManifestError",
    message: "Entry id {id} is used twice.",
    hint: "Give every entry an id of its own.",
  },
  HX_MANIFEST_DUPLICATE_GROUP: {
    tag: "ManifestError",
    message: "Entries {entries} belong to the group {group}, of which a harness may have only one.",
    hint: "Remove all but one of them, or use replace.",
  },
  HX_MANIFEST_ORDER_CYCLE: {
    tag: "ManifestError",
    message: "The order of processors has a cycle: {cycle}.",
    hint: "Drop one of the before/after constraints of these entries.",
  },
  HX_MANIFEST_ORDER_UNKNOWN: {
    tag: "ManifestError",
    message: "Entry {entry} is ordered relative to {target}, which the manifest does not contain.",
    hint: "Correct the name in the entry's before/after; a plugin's own constraints on absent packages are ignored.",
  },
  HX_LOCK_INVALID: {
    tag: "LockError",
    message: "The lock file is not valid at {path}: {problem}.",
    hint: "Restore it from version control or write it anew with hx plugin add.",
  },
  HX_LOCK_MISMATCH: {
    tag: "LockError",
    message: "Entry {entry} does not match the lock: {problem}.",
    hint: "If you changed the package on purpose, record it with hx plugin add {entry}; otherwise reinstall it.",
  },
  HX_LOCK_UNHASHABLE: {
    tag: "LockError",
    message: "The package folder {dir} cannot be hashed: {problem}.",
    hint: "Ship plain files inside the package folder; links that leave it cannot be locked.",
  },
  HX_JSON_UNSUPPORTED: {
    tag: "ManifestError",
    message: "The value at {path} cannot be written as canonical JSON: {problem}.",
    hint: "Use only null, booleans, finite numbers, strings, arrays and plain objects.",
  },
  HX_MODELS_INVALID: {
    tag: "ManifestError",
    message: "The models file is not valid at {path}: {problem}.",
    hint: "Compare it with docs/concepts/models.md.",
  },
  HX_SECRET_MISSING: {
    tag: "ManifestError",
    message: "Environment variable {name}, which {path} refers to, is not set.",
    hint: "Set {name} before starting.",
  },
  HX_MCP_UNSUPPORTED: {
    tag: "ManifestError",
    message: "Tools entry {entry} names an MCP server, but no MCP adapter is available.",
    hint: "Install the MCP adapter package, or remove the entry.",
  },
} as const satisfies ErrorTable;

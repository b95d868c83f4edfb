import type { Json, JsonObject } from "../plugin/json.ts";
import type { Capabilities } from "../plugin/metadata.ts";

/** What happens when a processor throws: end the run (default), or go on without this call. */
export type ErrorPolicy = "fail" | "skip";

/** One processor of a harness. */
export interface ProcessorEntry {
  /** Unique within the manifest; traces and errors use it. */
  readonly id: string;
  /** Package name, or `inline:<name>` for a processor given in code, or a relative folder such as `./plugins/x`. */
  readonly use: string;
  readonly options?: JsonObject;
  /** Overrides the package's stage. */
  readonly stage?: number;
  /** Ids, package names or groups; added to the package's own constraints. An unknown name is an error. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  readonly onError?: ErrorPolicy;
}

/** How an MCP server is reached. */
export type McpEndpoint =
  | {
      readonly command: string;
      readonly args?: readonly string[];
      readonly env?: JsonObject;
      readonly cwd?: string;
    }
  | { readonly url: string; readonly headers?: JsonObject };

/** A source of tools: a package or an MCP server. */
export type ToolsEntry =
  | { readonly id: string; readonly use: string; readonly options?: JsonObject }
  | {
      readonly id: string;
      readonly mcp: McpEndpoint;
      /** For the adapter that connects to the server. */
      readonly options?: JsonObject;
    };

/** Limits of one run. Absent means the default in parentheses. */
export interface Limits {
  /** (50) */
  readonly maxSteps?: number;
  /** Input plus output tokens (none). */
  readonly maxTokens?: number;
  /** (none) */
  readonly maxCostUsd?: number;
  /** Wall time (none). */
  readonly maxTimeMs?: number;
  /** (120,000) */
  readonly modelTimeoutMs?: number;
  /** (120,000) */
  readonly toolTimeoutMs?: number;
  /** For one asynchronous tap (30,000). */
  readonly hookTimeoutMs?: number;
  /** Tool calls of one step that run at the same time (4). */
  readonly parallelTools?: number;
  /** Retries that `afterModel` may ask for in one step (3). */
  readonly maxModelRetries?: number;
  /** Characters of a tool result that the model sees before it is cut to head and tail (30,000). */
  readonly maxResultChars?: number;
}

/** `harness.json`: the behaviour of an agent, without any model. */
export interface Manifest {
  readonly $schema?: string;
  readonly name: string;
  readonly version: string;
  readonly processors?: readonly ProcessorEntry[];
  readonly tools?: readonly ToolsEntry[];
  readonly slots?: JsonObject;
  readonly limits?: Limits;
}

/** One entry of `harness.lock.json`. */
export interface LockEntry {
  readonly use: string;
  readonly version: string;
  /** `sha256-<hex>` over the files that the package loads its code from. */
  readonly integrity: string;
  readonly capabilities: Capabilities;
  /** Who let it in: `human`, or the id of a gate verdict. */
  readonly decidedBy: string;
}

/** `harness.lock.json`. */
export interface Lock {
  readonly lockVersion: 1;
  readonly entries: Readonly<Record<string, LockEntry>>;
}

/** What ordering needs to know of a loaded entry. */
export interface EntryFacts {
  readonly use: string;
  /** npm name of the package, without version. */
  readonly package: string;
  readonly group?: string;
  readonly stage?: number;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

/** The two lists of entries; ids are unique across both. */
export type Section = "processors" | "tools";

/**
 * A typed change of a manifest. `apply` performs a list of them; each has an exact inverse.
 *
 * Plain JSON; an absent `from` or `to` means that the value is absent. A position is named by the
 * entry before it (`after`, `null` for the front) and not by an index, because an index changes its
 * meaning when another entry comes or goes: only so do edits of disjoint entries commute.
 */
export type ManifestEdit =
  | {
      readonly op: "insert";
      readonly section: Section;
      readonly after: string | null;
      readonly entry: ProcessorEntry | ToolsEntry;
    }
  | {
      readonly op: "remove";
      readonly section: Section;
      readonly after: string | null;
      readonly entry: ProcessorEntry | ToolsEntry;
    }
  | {
      readonly op: "replace";
      readonly section: Section;
      readonly from: ProcessorEntry | ToolsEntry;
      readonly to: ProcessorEntry | ToolsEntry;
    }
  | {
      readonly op: "configure";
      readonly id: string;
      readonly from?: JsonObject;
      readonly to?: JsonObject;
    }
  | {
      readonly op: "reorder";
      readonly section: Section;
      readonly from: readonly string[];
      readonly to: readonly string[];
    }
  /** `path` is `name`, `version`, `limits` and a limit, or `slots` and a slot. */
  | {
      readonly op: "set";
      readonly path: readonly [string, ...string[]];
      readonly from?: Json;
      readonly to?: Json;
    };

/** Why an edit cannot be made. */
export interface ManifestConflict {
  readonly kind:
    | "missing-entry"
    | "duplicate-id"
    | "group-mismatch"
    | "different-entry"
    | "different-value"
    | "invalid-position"
    | "invalid-manifest"
    | "both-changed";
  /** JSON pointer into the manifest, an entry named by its id; `/edits/<n>/…` for a malformed edit. */
  readonly path: string;
  readonly problem: string;
}

/** A new manifest, or all the reasons why there is none. */
export type ManifestResult =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly conflicts: readonly ManifestConflict[] };

import type { HookName } from "./hooks.ts";

export type PluginKind = "processor" | "tools" | "suite" | "model" | "bundle";

/** The nine dimensions in which a harness can be edited. */
export type Dimension =
  | "model"
  | "context"
  | "memory"
  | "tools"
  | "environment"
  | "evaluation"
  | "control"
  | "observability"
  | "training";

/** What a plugin may touch outside its events. Absent means nothing. */
export interface Capabilities {
  /** Host names. */
  readonly net?: readonly string[];
  readonly fs?: { readonly read?: readonly string[]; readonly write?: readonly string[] };
  /** Environment variable names. */
  readonly env?: readonly string[];
  /** Model roles. */
  readonly model?: readonly string[];
  readonly spawn?: boolean;
  /** Starts programs or threads. */
  readonly processes?: boolean;
}

/** Well-known stages; any integer is allowed, lower runs first. */
export const stage = { guard: -100, shape: 0, record: 100 } as const;

/** The `harnessx` field of a plugin's package.json: read and checked without running any of its code. */
export interface PluginMetadata {
  /** Version of the plugin contract, an integer apart from semver. */
  readonly api: 1;
  readonly kind: PluginKind;
  /** Processors only. */
  readonly dimension?: Dimension;
  /** Hooks that the processor taps: exactly these. */
  readonly hooks?: readonly HookName[];
  /** At most one processor of a group in a harness. */
  readonly group?: string;
  readonly stage?: number;
  /** Entry ids, package names or groups that this processor must precede. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  /** Path of a JSON Schema, relative to the package. Without it the plugin takes no options. */
  readonly options?: string;
  /** Names of the cells that survive a swap. */
  readonly state?: readonly string[];
  readonly capabilities?: Capabilities;
}

import type { Workspace } from "@harnessx/core/plugin";

/** Options of the workspace processor; `options.schema.json` says the defaults. */
export interface WorkspaceOptions {
  readonly mode: Workspace["mode"];
  /** The folder that holds the workspaces, or is the workspace. */
  readonly folder?: string;
  /** Name of the agent whose home it is. */
  readonly agent: string;
  /** What a new workspace begins with. */
  readonly template?: string;
  /** Keep an isolated workspace behind the end of its run. */
  readonly keep: boolean;
}

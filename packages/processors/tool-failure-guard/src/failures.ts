import type { ToolStatus } from "@harnessx/core/plugin";

/** A tool that has failed since it last worked. */
export type FailingTool = {
  name: string;
  /** Failed calls since then. */
  count: number;
  /** Step of the latest. */
  step: number;
  /** Last step of its block; 0 without one. */
  blockedUntil: number;
};

/** The failures of a run; plain JSON, because a swap hands it over. */
export type Failures = {
  /** Failed calls since any call worked. */
  row: number;
  /** Step of the latest. */
  step: number;
  tools: FailingTool[];
};

/** State before anything has failed. */
export function noFailures(): Failures {
  return { row: 0, step: 0, tools: [] };
}

/** A model may make up any number of names. */
const maxTools = 50;

/** How a call ended, by its status alone: what a result says is data. */
export function outcomeOf(status: ToolStatus): "worked" | "failed" | "not run" {
  if (status === "ok") return "worked";
  // A refused or cancelled call tells nothing about the tool.
  return status === "error" || status === "timeout" ? "failed" : "not run";
}

/** The tool, when it has failed since it last worked. */
export function failing(failures: Failures, name: string): FailingTool | undefined {
  return failures.tools.find((tool) => tool.name === name);
}

/** Notes a call that worked. */
export function worked(failures: Failures, name: string): void {
  failures.row = 0;
  failures.tools = failures.tools.filter((tool) => tool.name !== name);
}

/** Notes a call that failed, and returns what is known of its tool now. */
export function failed(failures: Failures, name: string, step: number): FailingTool {
  failures.row += 1;
  failures.step = step;
  const before = failing(failures, name);
  const tool: FailingTool = {
    name,
    count: (before?.count ?? 0) + 1,
    step,
    blockedUntil: before?.blockedUntil ?? 0,
  };
  failures.tools = [...failures.tools.filter((other) => other !== before), tool].slice(-maxTools);
  return tool;
}

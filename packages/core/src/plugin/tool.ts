import type { Json, JsonSchema } from "./json.ts";
import type { Part, ToolStatus } from "./message.ts";
import type { RoleModel } from "./role-model.ts";
import type { Slots } from "./slots.ts";
import type { SpawnResult } from "./spawn.ts";
import type { ToolSpec } from "./tool-spec.ts";

/** What a tool call came to. */
export interface ToolResult {
  readonly status: ToolStatus;
  readonly content: string | readonly Part[];
  /** Machine-readable result; checked against the tool's `outputSchema`. */
  readonly structured?: Json;
  readonly error?: { readonly code: string; readonly message: string };
  /** The environment declares the task over: the run ends as `done` after this step. */
  readonly end?: boolean;
}

/** What a tool asks the person behind the run. */
export interface Question {
  readonly message: string;
  /** A form: an object with flat properties. */
  readonly schema?: JsonSchema;
  /** A page that the person is to visit instead of filling a form. */
  readonly url?: string;
}

/** What the person said; `content` fits the question's schema. */
export interface Answer {
  readonly action: "accept" | "decline" | "cancel";
  readonly content?: Json;
}

/**
 * What surrounds one tool call.
 *
 * Call its methods on the object (`context.ask(…)`): they do not work when they are taken off it.
 */
export interface ToolContext {
  /** Aborts when the run ends or the call's deadline passes. Created on first use. */
  readonly signal: AbortSignal;
  readonly callId: string;
  readonly runId: string;
  readonly step: number;
  /** The same for every attempt at this call, also after a crash: pass it to services that can deduplicate. */
  readonly idempotencyKey: string;
  /** Milliseconds since 1970, recorded: the same in a replay. */
  now(): number;
  /** Annotates the trace. */
  log(message: string, data?: Json): void;
  /** Runs a subagent with the same harness; it spends from this run's budget. */
  spawn(task: { readonly text: string; readonly metadata?: Json }): Promise<SpawnResult>;
  /**
   * A model role, paid from this run's budget and recorded. Throws
   * HX_PLUGIN_UNDECLARED_CAPABILITY when the tool's package does not list the role in
   * `capabilities.model`.
   */
  model(role: string): RoleModel;
  /** Asks the person behind the run; `cancel` when there is none. What was asked and the action are recorded. */
  ask(question: Question): Promise<Answer>;
  /** Shared singletons of the run, such as its workspace. */
  readonly slots: Pick<Slots, "get">;
}

/**
 * A tool.
 *
 * `execute` gets arguments that satisfy `inputSchema`. A string is a result with status `ok`; a
 * throw is a result with status `error` and never ends the run.
 */
export interface Tool extends ToolSpec {
  readonly outputSchema?: JsonSchema;
  /** Names for filters and policies, such as `read-only`. */
  readonly tags?: readonly string[];
  /** Milliseconds; overrides `limits.toolTimeoutMs`. */
  readonly timeoutMs?: number;
  /**
   * What `resume` does with a call that a crash cut off before its result was recorded:
   * `rerun` (default) or `report` (an error result that says the outcome is unknown).
   */
  readonly onLostResult?: "rerun" | "report";
  execute(input: never, context: ToolContext): ToolResult | string | Promise<ToolResult | string>;
}

/**
 * Types a tool's input once: `tool<{ path: string }>({ … })`.
 *
 * @example
 * ```ts
 * import { tool } from "@harnessx/core/plugin";
 * const echo = tool<{ text: string }>({
 *   name: "echo",
 *   description: "Says it back.",
 *   inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"], additionalProperties: false },
 *   execute: ({ text }) => text,
 * });
 * echo.name; // "echo"
 * ```
 */
export function tool<Input>(
  definition: Omit<Tool, "execute"> & {
    execute(input: Input, context: ToolContext): ToolResult | string | Promise<ToolResult | string>;
  },
): Tool {
  return definition as Tool;
}

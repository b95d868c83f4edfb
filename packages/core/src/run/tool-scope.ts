import { hxError } from "../errors/index.ts";
import { LazySignal, runHasEnded } from "../model/lazy-signal.ts";
import type { Json } from "../plugin/json.ts";
import type { ToolCall } from "../plugin/message.ts";
import type { SpawnResult } from "../plugin/spawn.ts";
import type { ToolContext } from "../plugin/tool.ts";
import type { CallScope } from "../tools/execute.ts";
import type { RunCore } from "./core.ts";
import { recordLog, spawnChild } from "./services.ts";

/** Marks what a tool did in the `by` field of events. */
export const TOOL_PREFIX = "tool:";

/**
 * The context of one tool call and the switch that ends it.
 *
 * Once closed, a tool that was given up on can no longer write into the trace. A class with
 * getters rather than closures: one is made for every call.
 */
export class ToolScope implements CallScope, ToolContext {
  readonly callId: string;
  readonly #core: RunCore;
  #signal: LazySignal | undefined;
  #spawning: Set<Promise<unknown>> | undefined;
  #open = true;

  constructor(core: RunCore, call: ToolCall) {
    this.#core = core;
    this.callId = call.id;
  }

  get context(): ToolContext {
    return this;
  }

  get runId(): string {
    return this.#core.id;
  }

  get step(): number {
    return this.#core.step;
  }

  get idempotencyKey(): string {
    return `${this.#core.id}/${this.callId}`;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= new LazySignal()).signal;
  }

  now(): number {
    return this.#core.recorder.now;
  }

  log(message: string, data?: Json): void {
    if (!this.#open) return;
    recordLog(this.#core, TOOL_PREFIX + this.callId, message, data);
  }

  async spawn(task: { readonly text: string; readonly metadata?: Json }): Promise<SpawnResult> {
    if (!this.#open) throw hxError("HX_RUN_ABORTED", { reason: "the call is over" });
    const { callId, signal } = this;
    const child = spawnChild(this.#core, task, TOOL_PREFIX + callId, { call: callId, signal });
    (this.#spawning ??= new Set()).add(child.catch(() => undefined));
    return child;
  }

  abort(reason: () => unknown): void {
    (this.#signal ??= new LazySignal()).abort(reason);
  }

  close(): void {
    this.#open = false;
    if (this.#spawning) this.abort(runHasEnded);
  }

  /** Settles when every subagent of the call has ended; nothing when there was none. */
  childrenEnded(): Promise<unknown> | undefined {
    return this.#spawning && Promise.all(this.#spawning);
  }
}

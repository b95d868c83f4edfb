import { hxError } from "../errors/index.ts";
import { LazySignal, runHasEnded } from "../model/lazy-signal.ts";
import type { Json } from "../plugin/json.ts";
import type { ToolCall } from "../plugin/message.ts";
import type { SpawnResult } from "../plugin/spawn.ts";
import type { RoleModel } from "../plugin/role-model.ts";
import type { Answer, Question, Tool, ToolContext } from "../plugin/tool.ts";
import { groupOf } from "../load/tool-group.ts";
import type { CallScope } from "../tools/execute.ts";
import type { RunCore } from "./core.ts";
import { generateForRole, recordLog, spawnChild } from "./services.ts";

/** Marks what a tool did in the `by` field of events. */
export const TOOL_PREFIX = "tool:";

/** Marks in the trace that a tool asked the person behind the run. */
const ASKED = "Asked the person.";

const NO_SLOTS: ToolContext["slots"] = { get: () => undefined };

/**
 * The context of one tool call and the switch that ends it.
 *
 * Once closed, a tool that was given up on can no longer write into the trace. A class with
 * getters rather than closures: one is made for every call.
 */
export class ToolScope implements CallScope, ToolContext {
  readonly callId: string;
  readonly #core: RunCore;
  readonly #tool: Tool;
  #signal: LazySignal | undefined;
  /** Subagents and model calls in progress. */
  #pending: Set<Promise<unknown>> | undefined;
  #open = true;

  constructor(core: RunCore, call: ToolCall, tool: Tool) {
    this.#core = core;
    this.#tool = tool;
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

  get slots(): ToolContext["slots"] {
    return this.#core.host?.slots ?? NO_SLOTS;
  }

  model(role: string): RoleModel {
    const roles = groupOf(this.#tool)?.capabilities.model;
    // A tool of the caller's own may ask any role.
    if (groupOf(this.#tool) && !roles?.includes(role))
      throw hxError("HX_PLUGIN_UNDECLARED_CAPABILITY", {
        processor: this.#tool.name,
        capability: `the model role ${role}`,
      });
    return {
      generate: (prompt) => {
        if (!this.#open) throw hxError("HX_RUN_ABORTED", { reason: "the call is over" });
        const by = TOOL_PREFIX + this.callId;
        const asking = generateForRole(this.#core, role, prompt, by, this.signal);
        (this.#pending ??= new Set()).add(asking.catch(() => undefined));
        return asking;
      },
    };
  }

  async ask(question: Question): Promise<Answer> {
    const { message, schema, url } = question;
    const answer = await this.#answerTo(question);
    this.log(ASKED, {
      message,
      ...(schema === undefined ? {} : { schema: schema as Json }),
      ...(url === undefined ? {} : { url }),
      action: answer.action,
    });
    return answer;
  }

  async #answerTo(question: Question): Promise<Answer> {
    const { answer } = this.#core.options;
    if (!answer || !this.#open) return { action: "cancel" };
    const { callId: call, signal } = this;
    const said = await answer({ ...question, tool: this.#tool.name, call, signal });
    return said?.action === "accept" || said?.action === "decline" ? said : { action: "cancel" };
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
    (this.#pending ??= new Set()).add(child.catch(() => undefined));
    return child;
  }

  abort(reason: () => unknown): void {
    (this.#signal ??= new LazySignal()).abort(reason);
  }

  close(): void {
    this.#open = false;
    if (this.#pending) this.abort(runHasEnded);
  }

  /** Settles when every subagent and model call of the call has ended; nothing when there was none. */
  pendingEnded(): Promise<unknown> | undefined {
    return this.#pending && Promise.all(this.#pending);
  }
}

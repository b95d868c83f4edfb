import type { Json, JsonObject, ToolContext } from "@harnessx/core/plugin";
import { mcpError, type McpFault } from "../errors.ts";
import type { RequestScope, ServerQuestion, ToolDefinition } from "../protocol/connection.ts";

/** Entries that one call may add to the trace: a chatty server must not flood it. */
const MAX_LOGS = 100;

export interface CallLimits {
  readonly server: string;
  readonly timeoutMs: number;
  readonly maxCallMs: number;
}

/** One call of a run to a server: its deadline, its place in the trace, and who answers for it. */
export class McpCall implements RequestScope {
  readonly context: ToolContext;
  readonly definition: ToolDefinition | undefined;
  readonly #limits: CallLimits;
  readonly #controller = new AbortController();
  readonly #answer: (question: ServerQuestion, call: McpCall) => Promise<JsonObject>;
  readonly #onAbort = (): void =>
    this.#end(mcpError("HX_MCP_CANCELLED", { server: this.#limits.server }));
  readonly #began = performance.now();
  #timer: NodeJS.Timeout | undefined;
  /** Questions that a person or a model is thinking about. */
  #waiting = 0;
  #logs = 0;

  constructor(
    context: ToolContext,
    limits: CallLimits,
    answer: (question: ServerQuestion, call: McpCall) => Promise<JsonObject>,
    definition?: ToolDefinition,
  ) {
    this.context = context;
    this.definition = definition;
    this.#limits = limits;
    this.#answer = answer;
    if (context.signal.aborted) this.#onAbort();
    else context.signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#restart();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the call was given up, if it was. */
  get givenUp(): McpFault | undefined {
    return this.signal.aborted ? (this.signal.reason as McpFault) : undefined;
  }

  /** Progress is a sign of life: the wait for an answer begins anew. */
  readonly onProgress: NonNullable<RequestScope["onProgress"]> = ({ progress, total, message }) => {
    this.#restart();
    this.log(message ?? "Progress.", { progress, ...(total === undefined ? {} : { total }) });
  };

  readonly answer = (question: ServerQuestion): Promise<JsonObject> =>
    this.whileWaiting(() => this.#answer(question, this));

  /** Time in which the server waits for us does not count. */
  async whileWaiting<Result>(wait: () => Promise<Result>): Promise<Result> {
    this.#waiting++;
    this.#restart();
    try {
      return await wait();
    } finally {
      this.#waiting--;
      this.#restart();
    }
  }

  log(message: string, data?: Json): void {
    if (++this.#logs < MAX_LOGS) this.context.log(message, data);
    else if (this.#logs === MAX_LOGS)
      this.context.log("The server logs more than is kept of one call.");
  }

  /** The call is over: nothing of it stays behind. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.context.signal.removeEventListener("abort", this.#onAbort);
    this.#logs = MAX_LOGS;
  }

  /** One timer for both limits: whichever comes first. */
  #restart(): void {
    clearTimeout(this.#timer);
    if (this.signal.aborted) return;
    const { timeoutMs, maxCallMs } = this.#limits;
    const left = maxCallMs - (performance.now() - this.#began);
    const quiet = this.#waiting > 0 ? Number.POSITIVE_INFINITY : timeoutMs;
    const ms = quiet < left ? timeoutMs : maxCallMs;
    this.#timer = setTimeout(() => this.#late(ms), Math.max(0, Math.min(quiet, left)));
  }

  #late(ms: number): void {
    this.#end(mcpError("HX_MCP_TIMEOUT", { server: this.#limits.server, ms }));
  }

  #end(why: McpFault): void {
    clearTimeout(this.#timer);
    this.#controller.abort(why);
  }
}

import type { HttpRequest, Json, ToolContext, ToolsContext } from "@harnessx/core";
import { logText, record, Session, textIn, type Requests, type SessionSubject } from "./session.ts";
import { readSpecs, type SandboxedSpec } from "./tool-specs.ts";
import { Refusal } from "./verdict.ts";

/** A tool call that has not ended. */
interface Execution {
  readonly context: ToolContext;
  /** Told once, with true when the call was aborted. */
  readonly ends: ((aborted: boolean) => void)[];
}

/** One machine with a package of tools in it. */
export class ToolSession {
  readonly #context: ToolsContext;
  readonly #session: Session;
  readonly #executions = new Map<number, Execution>();
  #specs: readonly SandboxedSpec[] | undefined;
  #next = 1;
  #now = 0;

  private constructor(subject: SessionSubject, context: ToolsContext) {
    this.#context = context;
    this.#session = new Session(subject, { requests: this.#requests, now: () => this.#now });
  }

  /** Makes the tools in a machine of their own. */
  static async start(
    subject: SessionSubject,
    options: unknown,
    context: ToolsContext,
  ): Promise<ToolSession> {
    const self = new ToolSession(subject, context);
    await self.#session.open();
    // There are no files in a sandbox: the folder on the host is none of its business.
    const message = JSON.stringify({ op: "create", options, root: "." });
    try {
      self.#specs = await self.#session.call("create", message, readSpecs);
      return self;
    } catch (thrown) {
      self.#session.end();
      throw thrown;
    }
  }

  get specs(): readonly SandboxedSpec[] {
    return this.#specs!;
  }

  /** Whether its machine is gone. */
  get ended(): boolean {
    return this.#session.closed !== undefined;
  }

  end(): void {
    this.#session.end();
  }

  /** Runs one tool; what comes back is data, which the runtime checks as it does any tool's result. */
  execute(tool: number, input: unknown, context: ToolContext): unknown {
    const execution = this.#next++;
    this.#executions.set(execution, { context, ends: [] });
    this.#now = context.now();
    const { callId, runId, step, idempotencyKey } = context;
    const message = JSON.stringify({
      op: "execute",
      tool,
      input,
      execution,
      context: { callId, runId, step, idempotencyKey },
    });
    let result: unknown;
    try {
      result = this.#session.call(`the tool ${this.specs[tool]!.name}`, message, readResult);
    } catch (thrown) {
      this.#end(execution, false);
      throw thrown;
    }
    if (!(result instanceof Promise)) {
      this.#end(execution, false);
      return result;
    }
    const { signal } = context;
    const aborted = (): void => this.#end(execution, true);
    if (signal.aborted) aborted();
    else signal.addEventListener("abort", aborted, { once: true });
    return result.finally(() => {
      signal.removeEventListener("abort", aborted);
      this.#end(execution, false);
    });
  }

  #end(execution: number, aborted: boolean): void {
    const found = this.#executions.get(execution);
    this.#executions.delete(execution);
    for (const end of found?.ends ?? []) end(aborted);
  }

  /** The execution that a request names; a call that is over cannot act any more. */
  #execution(value: Json | undefined): Execution {
    const found = typeof value === "number" ? this.#executions.get(value) : undefined;
    if (!found) throw new Error("the call is over");
    return found;
  }

  get #requests(): Requests {
    return {
      random: () => Math.random(),
      now: (data) => this.#execution(data).context.now(),
      aborted: (data) => typeof data !== "number" || !this.#executions.has(data),
      abort: (data) => {
        const { ends } = this.#execution(data);
        return this.#session.later(new Promise((resolve) => void ends.push(resolve)));
      },
      toolLog: (data) => {
        const { execution, message, data: more } = record(data);
        const { context } = this.#execution(execution);
        if (more === undefined) context.log(logText(message));
        else context.log(logText(message), more);
      },
      toolSpawn: (data) => {
        const { execution, task } = record(data);
        const { text, metadata } = record(task ?? null);
        const { context } = this.#execution(execution);
        const child = { text: textIn(text), ...(metadata === undefined ? {} : { metadata }) };
        return this.#session.later(context.spawn(child));
      },
      http: (data) => {
        // Nobody waits for a request that belongs to no call.
        if (this.#specs && this.#executions.size === 0) throw new Error("the call is over");
        return this.#session.later(this.#context.http(requestIn(data)));
      },
    };
  }
}

function requestIn(data: Json): HttpRequest {
  const { url, method, headers, body, timeoutMs } = record(data);
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(record(headers ?? {}))) sent[name] = textIn(value);
  if (timeoutMs !== undefined && typeof timeoutMs !== "number")
    throw new TypeError("timeoutMs is no number");
  return {
    url: textIn(url),
    headers: sent,
    ...(method === undefined ? {} : { method: textIn(method) }),
    ...(body === undefined ? {} : { body: textIn(body) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function readResult(data: Json): unknown {
  if (!Array.isArray(data)) throw new Refusal("it is no result");
  return data[0];
}

import { HarnessXError, type Json, type JsonObject } from "@harnessx/core/plugin";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { endpointFile } from "../endpoint/memory.ts";
import { hideSecrets } from "../endpoint/secrets.ts";
import { mcpError, problemOf } from "../errors.ts";
import type { McpOptions } from "../options.ts";
import type {
  ConnectionOwner,
  McpConnection,
  ServerQuestion,
  ToolDefinition,
} from "../protocol/connection.ts";
import { openConnection } from "../protocol/open.ts";
import type { VerdictFile } from "../protocol/verdict.ts";
import { answerElicitation } from "../serve/elicitation.ts";
import { answerRoots } from "../serve/roots.ts";
import { answerSampling } from "../serve/sampling.ts";
import type { Fetch } from "../transport/bounded-fetch.ts";
import { Admission, type McpReport, type Withheld } from "./admission.ts";
import { Backoff } from "./backoff.ts";
import type { McpCall } from "./call.ts";
import { callOfExchange, CallsInFlight, outsideOfCalls } from "./calls-in-flight.ts";
import { Deadline } from "./deadline.ts";

/** What a session is made of. */
export interface SessionSetup {
  /** Id of the manifest entry. */
  readonly server: string;
  readonly endpoint: Endpoint;
  readonly options: McpOptions;
  readonly root: string;
  readonly locked: boolean;
  readonly report: (report: McpReport) => void;
  /** A `fetch` that authorizes; it gets what holds deadlines back while a person is waited for. */
  readonly fetch: (waiting: Waiting) => Fetch;
}

/** Runs something that takes as long as a person takes. */
export type Waiting = <Result>(wait: () => Promise<Result>) => Promise<Result>;

/** What is known of a server without a connection. */
export interface ServerFacts {
  readonly name: string;
  readonly version: string;
  readonly protocol: string;
}

/**
 * A server over time: connected when it is needed, again when it went away, its tools pinned.
 * Shared by all runs of a harness.
 */
export class McpSession {
  readonly setup: SessionSetup;
  readonly calls: CallsInFlight;
  readonly #admission: Admission;
  readonly #backoff = new Backoff(250, 30_000);
  #connection: McpConnection | undefined;
  #connecting: Promise<McpConnection> | undefined;
  #opening: Deadline | undefined;
  #definitions: readonly ToolDefinition[] = Object.freeze([]);
  #facts: ServerFacts | undefined;
  #closed = false;
  #problem = "";
  #listing = false;
  #stale = false;
  /** Called when the tools have become others. */
  onTools: (() => void) | undefined;

  constructor(setup: SessionSetup) {
    this.setup = setup;
    this.calls = new CallsInFlight(setup.endpoint.kind === "http");
    this.#admission = new Admission(setup.options.tools, setup.locked, setup.report);
  }

  /** The tools that may be used, as far as they are known. */
  get definitions(): readonly ToolDefinition[] {
    return this.#definitions;
  }

  get withheld(): Withheld {
    return this.#admission.withheld;
  }

  get facts(): ServerFacts | undefined {
    return this.#facts;
  }

  /** Why the last connection ended. */
  get problem(): string {
    return this.#problem;
  }

  /** Takes tools that were known before as if the server had just listed them. */
  assume(facts: ServerFacts, definitions: readonly ToolDefinition[]): void {
    this.#facts = facts;
    this.#take(definitions);
  }

  /** The connection, if it is open. */
  get open(): McpConnection | undefined {
    return this.#connection;
  }

  /** The open connection, opened when there is none. Throws HX_MCP_CONNECT and what authorization throws. */
  connection(): Promise<McpConnection> {
    if (this.#connection) return Promise.resolve(this.#connection);
    return (this.#connecting ??= outsideOfCalls(() => this.#open()).finally(() => {
      this.#connecting = undefined;
    }));
  }

  /** Gives up a connection that has turned out to be useless. */
  async drop(connection: McpConnection): Promise<void> {
    if (this.#connection === connection) this.#connection = undefined;
    await connection.close().catch(() => undefined);
  }

  /** Answers what a server asks; `call` when it is known what the question is about. */
  readonly answer = async (question: ServerQuestion, call?: McpCall): Promise<JsonObject> => {
    const { server, options, root, report } = this.setup;
    const about = call ?? this.calls.owner();
    const { method, params } = question;
    if (method === "roots/list") return answerRoots(root, options.roots, about);
    if (!about) {
      this.calls.takeTurns();
      const refused = mcpError("HX_MCP_NOT_OURS", { server, what: method });
      report({ kind: "question-refused", message: refused.message });
      throw refused;
    }
    if (call === undefined) return about.answer(question);
    if (method === "sampling/createMessage" && options.sampling.enabled)
      return answerSampling(server, params, about, options.sampling);
    if (method === "elicitation/create" && options.elicitation)
      return answerElicitation(server, params, about);
    throw mcpError("HX_MCP_INVALID", {
      server,
      problem: `it asked for ${method}, which was not offered`,
    });
  };

  async close(): Promise<void> {
    this.#closed = true;
    this.#opening?.abort(new Error("it is closed"));
    await this.#connecting?.catch(() => undefined);
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close().catch(() => undefined);
  }

  async #open(): Promise<McpConnection> {
    const { server, endpoint, options } = this.setup;
    const { connectTimeoutMs } = options;
    const deadline = new Deadline(
      connectTimeoutMs,
      () => new Error(`it was not ready within ${connectTimeoutMs} ms`),
    );
    this.#opening = deadline;
    try {
      if (this.#closed) throw new Error("it is closed");
      await this.#due(deadline.signal);
      const connection = await this.#connect(deadline);
      this.#backoff.succeeded();
      return connection;
    } catch (thrown) {
      this.#backoff.failed();
      if (HarnessXError.isInstance(thrown)) throw thrown;
      const reason: unknown = deadline.signal.aborted ? deadline.signal.reason : thrown;
      const problem = hideSecrets(problemOf(reason), endpoint.secrets);
      throw mcpError("HX_MCP_CONNECT", { server, problem }, thrown);
    } finally {
      deadline.dispose();
      this.#opening = undefined;
    }
  }

  async #due(signal: AbortSignal): Promise<void> {
    const ms = this.#backoff.dueInMs;
    if (ms === 0) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      });
    });
  }

  async #connect(deadline: Deadline): Promise<McpConnection> {
    const { endpoint, options, root, fetch, report, server } = this.setup;
    const { signal } = deadline;
    const { maxTextBytes, maxMessageBytes, protocol, transport, connectTimeoutMs } = options;
    const life = {
      gone: undefined as string | undefined,
      connection: undefined as McpConnection | undefined,
    };
    const waiting: Waiting = (wait) => (callOfExchange() ?? deadline).whileWaiting(wait);
    const connection = await openConnection({
      endpoint,
      protocol,
      transport,
      connectTimeoutMs,
      bounds: { maxTextBytes, maxMessageBytes },
      features: {
        sampling: options.sampling.enabled,
        elicitation: options.elicitation,
        roots: true,
        logLevel: options.logLevel === "off" ? undefined : options.logLevel,
      },
      owner: this.#ownerOf(life),
      verdicts: endpointFile<VerdictFile>(root, endpoint.digest, "verdict"),
      fetch: fetch(waiting),
      signal,
    });
    life.connection = connection;
    try {
      const listed = await connection.listTools({ signal });
      if (life.gone !== undefined) throw new Error(life.gone);
      if (this.#problem !== "")
        report({
          kind: "restarted",
          message: `MCP server ${server} was started again: ${this.#problem}.`,
        });
      this.#facts = { ...connection.server, protocol: connection.protocol };
      this.#take(listed);
      this.calls.forget();
      this.#connection = connection;
      return connection;
    } catch (thrown) {
      await connection.close().catch(() => undefined);
      throw thrown;
    }
  }

  #ownerOf(life: {
    gone: string | undefined;
    connection: McpConnection | undefined;
  }): ConnectionOwner {
    const { secrets } = this.setup.endpoint;
    return {
      toolsChanged: () => this.#refresh(),
      closed: (problem) => {
        const said = life.connection?.stderr.split("\n").slice(-3).join(" ") ?? "";
        life.gone = problem;
        this.#problem = hideSecrets(said ? `${problem}; ${said}` : problem, secrets);
        if (this.#connection === life.connection) this.#connection = undefined;
      },
      log: ({ level, logger, data }) =>
        this.calls.owner()?.log(typeof data === "string" ? data : (logger ?? level), {
          level,
          ...(logger === undefined ? {} : { logger }),
          ...(typeof data === "string" ? {} : { data: data as Json }),
        }),
      answer: this.answer,
    };
  }

  /** Lists the tools again; notices that come meanwhile lead to one more list. */
  #refresh(): void {
    this.#stale = true;
    if (!this.#listing) void outsideOfCalls(() => this.#list());
  }

  async #list(): Promise<void> {
    this.#listing = true;
    try {
      while (this.#stale && this.#connection && !this.#closed) {
        this.#stale = false;
        const signal = AbortSignal.timeout(this.setup.options.connectTimeoutMs);
        this.#take(await this.#connection.listTools({ signal }));
      }
    } catch {
      // The tools stay as they were; the next notice or connection lists them again.
    } finally {
      this.#listing = false;
    }
  }

  #take(listed: readonly ToolDefinition[]): void {
    const admitted = this.#admission.admit(listed);
    const same =
      admitted.length === this.#definitions.length &&
      admitted.every(({ name }, index) => name === this.#definitions[index]!.name);
    if (same) return;
    // A definition keeps its identity: what was pinned is what is used.
    const known = new Map(this.#definitions.map((definition) => [definition.name, definition]));
    this.#definitions = Object.freeze(admitted.map((one) => known.get(one.name) ?? one));
    this.onTools?.();
  }
}

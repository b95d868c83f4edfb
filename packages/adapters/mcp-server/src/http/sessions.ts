import { randomUUID } from "node:crypto";
import {
  WebStandardStreamableHTTPServerTransport as SessionTransport,
  type McpServerFactory,
} from "@modelcontextprotocol/server";
import type { McpHttpSettings } from "./settings.ts";

interface Session {
  readonly transport: SessionTransport;
  close(): Promise<void>;
  /** Requests that are being answered, streams among them. */
  active: number;
  lastUsed: number;
}

/** The sessions of clients that speak a protocol before 2026-07-28: each has a server of its own. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #sweep: NodeJS.Timeout;

  constructor(
    readonly factory: McpServerFactory,
    readonly settings: McpHttpSettings,
  ) {
    const { sessionIdleMs } = settings;
    this.#sweep = setInterval(
      () => {
        for (const [id, { lastUsed }] of this.#sessions)
          if (Date.now() - lastUsed > sessionIdleMs) void this.#end(id);
      },
      Math.min(sessionIdleMs, 60_000),
    ).unref();
  }

  /** `over` aborts when the answer is sent. */
  async fetch(request: Request, over: AbortSignal): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    if (id === null) return this.#begin(request);
    const session = this.#sessions.get(id);
    // The status tells the client to begin anew.
    if (!session) return refusal(404, "There is no such session.");
    session.active += 1;
    over.addEventListener("abort", () => {
      session.active -= 1;
      session.lastUsed = Date.now();
    });
    return session.transport.handleRequest(request);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.all([...this.#sessions.keys()].map((id) => this.#end(id)));
  }

  async #begin(request: Request): Promise<Response> {
    if (!this.#hasRoom()) return refusal(503, "Too many sessions are in use.");
    const server = await this.factory({ era: "legacy", requestInfo: request });
    const transport = new SessionTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: this.settings.maxBodyBytes,
      onsessioninitialized: (id) => {
        this.#sessions.set(id, {
          transport,
          close: () => server.close(),
          active: 0,
          lastUsed: Date.now(),
        });
      },
      onsessionclosed: (id) => void this.#sessions.delete(id),
    });
    await server.connect(transport);
    const answer = await transport.handleRequest(request);
    // Anything else than the beginning of a session was refused.
    if (transport.sessionId === undefined) await server.close();
    return answer;
  }

  /** Whether one more session fits; ends the quietest for it when none else does. */
  #hasRoom(): boolean {
    if (this.#sessions.size < this.settings.maxSessions) return true;
    const [quietest] = [...this.#sessions]
      .filter(([, { active }]) => active === 0)
      .toSorted(([, a], [, b]) => a.lastUsed - b.lastUsed);
    if (quietest) void this.#end(quietest[0]);
    return quietest !== undefined;
  }

  async #end(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    await session?.close();
  }
}

/** An answer that refuses a request. */
export const refusal = (status: number, message: string): Response =>
  Response.json({ jsonrpc: "2.0", error: { code: -32_000, message }, id: null }, { status });

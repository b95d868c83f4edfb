import { randomUUID } from "node:crypto";
import {
  WebStandardStreamableHTTPServerTransport as SessionTransport,
  type McpServerFactory,
} from "@modelcontextprotocol/server";
import type { McpHttpSettings } from "./settings.ts";

interface Session {
  readonly transport: SessionTransport;
  close(): Promise<void>;
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

  async fetch(request: Request): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    if (id === null) return this.#begin(request);
    const session = this.#sessions.get(id);
    // The status tells the client to begin anew.
    if (!session) return refusal(404, "There is no such session.");
    session.lastUsed = Date.now();
    return session.transport.handleRequest(request);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.all([...this.#sessions.keys()].map((id) => this.#end(id)));
  }

  async #begin(request: Request): Promise<Response> {
    const server = await this.factory({ era: "legacy", requestInfo: request });
    const transport = new SessionTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: this.settings.maxBodyBytes,
      onsessioninitialized: (id) => {
        this.#sessions.set(id, { transport, close: () => server.close(), lastUsed: Date.now() });
        this.#makeRoom();
      },
      onsessionclosed: (id) => void this.#sessions.delete(id),
    });
    await server.connect(transport);
    const answer = await transport.handleRequest(request);
    // Anything else than the beginning of a session was refused.
    if (transport.sessionId === undefined) await server.close();
    return answer;
  }

  #makeRoom(): void {
    if (this.#sessions.size <= this.settings.maxSessions) return;
    const [quietest] = [...this.#sessions].toSorted(([, a], [, b]) => a.lastUsed - b.lastUsed);
    if (quietest) void this.#end(quietest[0]);
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

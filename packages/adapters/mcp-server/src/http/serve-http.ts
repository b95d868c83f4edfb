import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createMcpHandler,
  isLegacyRequest,
  type McpServerFactory,
} from "@modelcontextprotocol/server";
import { mcpServeError } from "../errors.ts";
import { guardOf } from "./guard.ts";
import { send, webRequest } from "./node-bridge.ts";
import { refusal, Sessions } from "./sessions.ts";
import type { McpHttpSettings } from "./settings.ts";
import type { ToolNews } from "../tools/tool-news.ts";

/** How long a client may go on sending what is no longer read. */
const LINGER_MS = 1_000;

/** A listening endpoint. */
export interface HttpEndpoint {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves both eras of the protocol at one address; clients hear of `news`. Throws HX_MCP_SERVE_LISTEN.
 */
export async function serveHttp(
  factory: McpServerFactory,
  settings: McpHttpSettings,
  news: ToolNews | undefined,
): Promise<HttpEndpoint> {
  const guard = guardOf(settings);
  const maxRequestBodySize = settings.maxBodyBytes;
  const modern = createMcpHandler(factory, { legacy: "reject", maxRequestBodySize });
  const sessions = new Sessions(factory, settings);
  const deaf = news?.listen(() => modern.notify.toolsChanged());

  async function answer(request: Request, over: AbortSignal): Promise<Response> {
    const refused = await guard(request);
    if (refused) return refused;
    if (new URL(request.url).pathname !== settings.path) return refusal(404, "Not found.");
    const legacy = await isLegacyRequest(request, undefined, { maxRequestBodySize });
    return legacy ? sessions.fetch(request, over) : modern.fetch(request);
  }

  /** Answers one request; `over` aborts when the answer is sent. */
  async function exchange(
    incoming: IncomingMessage,
    response: ServerResponse,
    over: AbortSignal,
  ): Promise<void> {
    let request: Request;
    try {
      request = webRequest(incoming, response);
    } catch {
      response.writeHead(400, { connection: "close" }).end();
      return;
    }
    const answered = await answer(request, over).catch(() => refusal(500, "The server failed."));
    await send(answered, request, response).catch(() => response.destroy());
  }

  const server = createServer(
    {
      headersTimeout: settings.headerTimeoutMs,
      requestTimeout: settings.requestTimeoutMs,
      // How often the two limits above are looked at.
      connectionsCheckingInterval: Math.min(1_000, settings.headerTimeoutMs),
      maxHeaderSize: 16 * 1024,
    },
    (incoming, response) => {
      const over = new AbortController();
      void exchange(incoming, response, over.signal).finally(() => {
        over.abort();
        discardRest(incoming);
      });
    },
  );
  server.maxConnections = settings.maxConnections;
  server.keepAliveTimeout = 5_000;
  await listening(server, settings);
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}${settings.path}`,
    port,
    async close() {
      deaf?.();
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      await Promise.all([modern.close(), sessions.close()]);
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The rest of a body that nobody reads: dropped for a moment, so that the client gets to its answer, then cut off. */
function discardRest(incoming: IncomingMessage): void {
  if (incoming.complete || incoming.destroyed) return;
  incoming.resume();
  const cut = setTimeout(() => incoming.socket.destroy(), LINGER_MS).unref();
  incoming.once("end", () => clearTimeout(cut));
}

function listening(server: Server, { host, port }: McpHttpSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        mcpServeError("HX_MCP_SERVE_LISTEN", { host, port, problem: error.code ?? error.message }),
      ),
    );
    server.listen(port, host.replace(/^\[|\]$/g, ""), resolve);
  });
}

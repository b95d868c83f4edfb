import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import type { McpServerFactory } from "@modelcontextprotocol/server";
import { httpSettings } from "./http/settings.ts";
import { serveHttp } from "./http/serve-http.ts";
import { serverFactory } from "./make-server.ts";
import type { McpHttpOptions, McpStdioOptions, ServeMcpOptions } from "./options.ts";
import { RunDesk } from "./runs/run-desk.ts";

/** A served agent. */
export interface McpServing {
  /** The endpoint; undefined on stdio. */
  readonly url: string | undefined;
  /** What clients send as bearer token; undefined when none is asked for. */
  readonly token: string | undefined;
  /** Resolves when the client of a stdio server is gone, or the server is closed. */
  readonly closed: Promise<void>;
  /** Aborts runs in progress and ends the server. */
  close(): Promise<void>;
}

/**
 * Serves an agent over MCP, for clients of every protocol revision, as one tool, with the harness's
 * own tools, or both.
 *
 * Clients share nothing: each session, and since 2026-07-28 each request, has a server of its own. A
 * call that a client cancels, or whose client is gone, aborts its run. Over HTTP it listens on the
 * loopback interface and asks for a random token unless told otherwise. Errors: HX_MCP_SERVE_LISTEN,
 * HX_MCP_SERVE_TOKEN_NEEDED, HX_MCP_SERVE_HOSTS_NEEDED, HX_MCP_SERVE_OPTION.
 *
 * @example
 * ```ts
 * import { createAgent, defineHarness, scriptedModel } from "@harnessx/core";
 * import { serveMcp } from "@harnessx/adapter-mcp-server";
 * const agent = createAgent({
 *   harness: await defineHarness({ name: "demo" }),
 *   models: { main: scriptedModel([{ text: "Four." }]) },
 * });
 * const serving = await serveMcp({ agent, transport: { http: {} } });
 * serving.url?.startsWith("http://127.0.0.1:"); // true
 * (await fetch(serving.url!, { method: "POST" })).status; // 401
 * await serving.close();
 * ```
 */
export async function serveMcp(options: ServeMcpOptions): Promise<McpServing> {
  const { transport } = options;
  if (transport !== "stdio" && "http" in transport) return overHttp(options, transport.http);
  return overStdio(options, transport === "stdio" ? {} : transport.stdio);
}

async function overHttp(options: ServeMcpOptions, http: McpHttpOptions): Promise<McpServing> {
  const settings = httpSettings(http);
  const desk = new RunDesk(options, false);
  const { expose = "agent" } = options;
  const news = expose === "agent" ? undefined : desk.news;
  const endpoint = await serveHttp(serverFactory(desk), settings, news);
  return {
    url: endpoint.url,
    token: settings.token,
    ...ending(async () => {
      await desk.close();
      await endpoint.close();
    }),
  };
}

function overStdio(
  options: ServeMcpOptions,
  { input = process.stdin, output = process.stdout }: McpStdioOptions,
): McpServing {
  const desk = new RunDesk(options, true);
  const factory: McpServerFactory = serverFactory(desk);
  const handle = serveStdio(factory, { transport: new StdioServerTransport(input, output) });
  const end = ending(async () => {
    await desk.close();
    await handle.close();
  });
  input.once("close", () => void end.close());
  input.once("end", () => void end.close());
  return { url: undefined, token: undefined, ...end };
}

/** Closes once, however often and from where it is asked. */
function ending(close: () => Promise<void>): Pick<McpServing, "close" | "closed"> {
  let done: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (done = resolve));
  let closing: Promise<void> | undefined;
  return { closed, close: () => (closing ??= close().finally(done)) };
}

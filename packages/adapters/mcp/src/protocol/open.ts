import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import {
  StreamableHTTPClientTransport as Http2025,
  StreamableHTTPError,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { StreamableHTTPClientTransport as Http2026 } from "@modelcontextprotocol/client";
import { HarnessXError } from "@harnessx/core/plugin";
import type { MessageBounds } from "../bounds/bounded-lines.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { EndpointFile } from "../endpoint/memory.ts";
import { boundedFetch, type Fetch } from "../transport/bounded-fetch.ts";
import { serverEnvironment } from "../transport/environment.ts";
import { StdioTransport } from "../transport/stdio-transport.ts";
import type { ClientFeatures, ConnectionOwner, McpConnection } from "./connection.ts";
import { connect2025 } from "./era-2025.ts";
import { connect2026 } from "./era-2026.ts";
import { probeStdio } from "./probe.ts";
import { keepVerdict, keptVerdict, type Verdict, type VerdictFile } from "./verdict.ts";

/** What opening a connection needs. */
export interface Opening {
  readonly endpoint: Endpoint;
  readonly protocol: "auto" | "2025" | "2026";
  readonly transport: "auto" | "streamable-http" | "sse";
  readonly bounds: MessageBounds;
  readonly features: ClientFeatures;
  readonly owner: ConnectionOwner;
  readonly verdicts: EndpointFile<VerdictFile>;
  /** With authorization, where the server wants it. */
  readonly fetch: Fetch;
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** Opens a connection in the newest revision that the server speaks. */
export async function openConnection(opening: Opening): Promise<McpConnection> {
  const { protocol, verdicts } = opening;
  if (protocol !== "auto") return open(opening, { era: protocol });
  const kept = await keptVerdict(verdicts);
  if (kept) {
    try {
      return await open(opening, kept);
    } catch (thrown) {
      if (opening.signal.aborted || HarnessXError.isInstance(thrown)) throw thrown;
      // The server may have become another one since.
      await keepVerdict(verdicts, undefined);
    }
  }
  return opening.endpoint.kind === "stdio" ? negotiateStdio(opening) : negotiateHttp(opening);
}

function open(opening: Opening, verdict: Verdict): Promise<McpConnection> {
  if (opening.endpoint.kind === "http")
    return verdict.era === "2026" ? http2026(opening, verdict) : http2025(opening);
  return onProcess(opening, process(opening), verdict);
}

async function negotiateStdio(opening: Opening): Promise<McpConnection> {
  const { verdicts, connectTimeoutMs, signal } = opening;
  const transport = process(opening);
  let probed;
  try {
    probed = await probeStdio(transport, Math.min(10_000, connectTimeoutMs / 3), signal);
  } catch (thrown) {
    await transport.close();
    throw thrown;
  }
  // A process that ended when it was asked is started once more and greeted the old way.
  const again = probed.era === "2025" && probed.ended;
  const connection = await onProcess(opening, again ? process(opening) : transport, probed);
  await keepVerdict(verdicts, probed);
  return connection;
}

async function onProcess(
  { features, owner, signal }: Opening,
  transport: StdioTransport,
  verdict: Verdict,
): Promise<McpConnection> {
  const channel = {
    transport: transport as never,
    stderr: () => transport.stderr,
    problem: () => transport.exit || "it closed the connection",
  };
  try {
    if (verdict.era === "2025") return await connect2025(channel, features, owner, signal);
    return await connect2026(channel, features, owner, signal, verdict.discovered);
  } catch (thrown) {
    await transport.close();
    const ended = transport.exit ? `${transport.exit}; ` : "";
    const said = transport.stderr.split("\n").at(-1) ?? "";
    if (signal.aborted || !(ended || said)) throw thrown;
    throw new Error(`${ended}${said || String((thrown as Error).message)}`, { cause: thrown });
  }
}

function process({ endpoint, bounds }: Opening): StdioTransport {
  if (endpoint.kind !== "stdio") throw new Error("not a program");
  const { command, args, env, cwd } = endpoint;
  return new StdioTransport({ command, args, cwd, env: serverEnvironment(env), ...bounds });
}

async function negotiateHttp(opening: Opening): Promise<McpConnection> {
  if (opening.transport === "sse") return http2025(opening);
  let connection: McpConnection;
  try {
    connection = await http2026(opening, { era: "2026" });
  } catch (thrown) {
    const ours = deepest(thrown, HarnessXError.isInstance);
    if (ours) throw ours;
    if (opening.signal.aborted) throw thrown;
    connection = await http2025(opening);
    await keepVerdict(opening.verdicts, { era: "2025" });
    return connection;
  }
  await keepVerdict(opening.verdicts, { era: "2026" });
  return connection;
}

/** What lies under the wrapping of an SDK: a failure of ours must not read as one of the protocol. */
function deepest<Found>(
  thrown: unknown,
  is: (value: unknown) => value is Found,
): Found | undefined {
  for (let at = thrown; at !== undefined && at !== null; at = (at as { cause?: unknown }).cause)
    if (is(at)) return at;
  return undefined;
}

const LOST = "the connection was closed";

async function http2026(opening: Opening, verdict: Verdict): Promise<McpConnection> {
  const { endpoint, bounds, fetch, features, owner, signal } = opening;
  if (endpoint.kind !== "http") throw new Error("not a URL");
  const transport = new Http2026(endpoint.url, {
    fetch: boundedFetch(fetch, bounds),
    requestInit: { headers: endpoint.headers },
  });
  const channel = { transport, stderr: () => "", problem: () => LOST };
  return connect2026(channel, features, owner, signal, verdict.discovered);
}

async function http2025(opening: Opening): Promise<McpConnection> {
  const { endpoint, bounds, fetch, features, owner, signal, transport: wanted } = opening;
  if (endpoint.kind !== "http") throw new Error("not a URL");
  const common = { fetch: boundedFetch(fetch, bounds), requestInit: { headers: endpoint.headers } };
  const reconnectionOptions = {
    initialReconnectionDelay: 300,
    maxReconnectionDelay: 10_000,
    reconnectionDelayGrowFactor: 2,
    maxRetries: 5,
  };
  if (wanted !== "sse") {
    const transport = new Http2025(endpoint.url, { ...common, reconnectionOptions });
    const channel = {
      transport,
      stderr: () => "",
      problem: () => LOST,
      terminate: () => transport.terminateSession(),
    };
    try {
      return await connect2025(channel, features, owner, signal);
    } catch (thrown) {
      await transport.close().catch(() => undefined);
      const { code } = thrown as StreamableHTTPError;
      const unknown = thrown instanceof StreamableHTTPError && [400, 404, 405].includes(code ?? 0);
      if (wanted === "streamable-http" || !unknown || signal.aborted) throw thrown;
    }
  }
  const transport = new SSEClientTransport(endpoint.url, common);
  return connect2025({ transport, stderr: () => "", problem: () => LOST }, features, owner, signal);
}

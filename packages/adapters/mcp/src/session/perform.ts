import {
  HarnessXError,
  type JsonObject,
  type ToolContext,
  type ToolResult,
} from "@harnessx/core/plugin";
import { hideSecrets } from "../endpoint/secrets.ts";
import { faultResult, mcpError } from "../errors.ts";
import type { McpConnection, RequestScope, ToolDefinition } from "../protocol/connection.ts";
import { failureOf, type Failure } from "../protocol/failures.ts";
import { McpCall } from "./call.ts";
import type { McpSession } from "./session.ts";

/** A request that a tool makes of a server. */
export interface Performed {
  readonly session: McpSession;
  readonly context: ToolContext;
  /** The server's tool that is called, if the request calls one. */
  readonly definition?: ToolDefinition;
  /** It may be sent twice. */
  readonly repeatable: boolean;
  send(connection: McpConnection, scope: RequestScope): Promise<ToolResult>;
}

/** Performs a request. Never throws: whatever goes wrong is a result that says so. */
export async function perform(performed: Performed): Promise<ToolResult> {
  const { session, context, definition } = performed;
  const { server, options } = session.setup;
  const limits = { server, timeoutMs: options.timeoutMs, maxCallMs: options.maxCallMs };
  const call = new McpCall(context, limits, session.answer, definition);
  try {
    return await attempt(performed, call, 1);
  } catch (thrown) {
    const why = call.givenUp;
    if (why) return faultResult(why, why.code === "HX_MCP_TIMEOUT" ? "timeout" : "cancelled");
    if (HarnessXError.isInstance(thrown)) return faultResult(thrown);
    return failed(session, failureOf(thrown));
  } finally {
    call.dispose();
  }
}

async function attempt(performed: Performed, call: McpCall, left: number): Promise<ToolResult> {
  const { session, definition, send, repeatable } = performed;
  const connection = session.open ?? (await abortable(session.connection(), call.signal));
  // Only now is it known what the server lists: a lazy entry went by the cache until here.
  if (definition) requireUnchanged(session, definition);
  try {
    return await session.calls.perform(call, () => send(connection, call));
  } catch (thrown) {
    if (call.signal.aborted || HarnessXError.isInstance(thrown)) throw thrown;
    const failure = failureOf(thrown);
    if (failure.kind === "session-lost" || failure.kind === "unreachable")
      await session.drop(connection);
    const again =
      failure.kind === "session-lost" ||
      (failure.kind === "stream-lost" && repeatable) ||
      (failure.kind === "pages" && (await visited(failure.pages, session, call)));
    if (again && left > 0) return attempt(performed, call, left - 1);
    throw thrown;
  }
}

function requireUnchanged(
  { withheld, definitions, setup }: McpSession,
  { name }: ToolDefinition,
): void {
  const { server } = setup;
  const problem = withheld.get(name);
  if (problem !== undefined) throw mcpError("HX_MCP_TOOL_CHANGED", { server, tool: name, problem });
  if (!definitions.some((one) => one.name === name))
    throw mcpError("HX_MCP_CALL_FAILED", { server, problem: `it no longer has the tool ${name}` });
}

/** Pages that the server wants the person to visit before it does anything. */
async function visited(
  pages: readonly { readonly url: string; readonly message?: string }[],
  session: McpSession,
  call: McpCall,
): Promise<boolean> {
  for (const { url, message = "" } of pages) {
    const params: JsonObject = { mode: "url", url, message };
    const { action } = await call.answer({ method: "elicitation/create", params });
    if (action !== "accept") return false;
  }
  return session.setup.options.elicitation && pages.length > 0;
}

function failed(session: McpSession, failure: Failure): ToolResult {
  const { server, endpoint } = session.setup;
  const hide = (text: string): string => hideSecrets(text, endpoint.secrets);
  switch (failure.kind) {
    case "closed":
      return faultResult(
        mcpError("HX_MCP_SERVER_DIED", {
          server,
          problem: session.problem || "it closed the connection",
        }),
      );
    case "session-lost":
      return faultResult(
        mcpError("HX_MCP_CONNECT", { server, problem: "it forgets its sessions" }),
      );
    case "unreachable":
      return faultResult(mcpError("HX_MCP_CONNECT", { server, problem: hide(failure.problem) }));
    case "stream-lost":
      return faultResult(
        mcpError("HX_MCP_DISCONNECTED", { server, problem: hide(failure.problem) }),
      );
    case "too-large":
      return faultResult(mcpError("HX_MCP_TOO_LARGE", { server, problem: failure.problem }));
    case "pages":
      return faultResult(
        mcpError("HX_MCP_CALL_FAILED", {
          server,
          problem: "a page has to be visited first, and was not",
        }),
      );
    case "refused":
      return faultResult(
        mcpError("HX_MCP_CALL_FAILED", { server, problem: hide(failure.problem) }),
      );
  }
}

/** Waits no longer than the call lasts; the connection is opened all the same. */
function abortable<Value>(wait: Promise<Value>, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    wait.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

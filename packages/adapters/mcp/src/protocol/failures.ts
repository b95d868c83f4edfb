import { StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from "@modelcontextprotocol/client";
import type { JsonObject } from "@harnessx/core/plugin";
import { STREAM_LOST, TOO_LARGE } from "../bounds/cut-messages.ts";
import { problemOf } from "../errors.ts";

/** What a failed request means, in whichever words the SDKs put it. */
export type Failure =
  /** The connection is gone, and nobody knows how far the server got. */
  | { readonly kind: "closed" }
  /** The server has forgotten the session and did nothing: a new connection may repeat the request. */
  | { readonly kind: "session-lost" }
  /** No request reached the server. */
  | { readonly kind: "unreachable"; readonly problem: string }
  | { readonly kind: "stream-lost"; readonly problem: string }
  | { readonly kind: "too-large"; readonly problem: string }
  /** The person has to visit pages first. */
  | {
      readonly kind: "pages";
      readonly pages: readonly { readonly url: string; readonly message?: string }[];
    }
  | { readonly kind: "refused"; readonly problem: string };

const URL_ELICITATION_REQUIRED = -32_042;

/** Sorts what a request threw. */
export function failureOf(thrown: unknown): Failure {
  const problem = problemOf(thrown).replace(/^MCP error -?\d+: /, "");
  const protocol = thrown instanceof McpError || thrown instanceof ProtocolError;
  if (protocol) {
    const { code, data } = thrown as { code: number; data?: unknown };
    if (code === TOO_LARGE) return { kind: "too-large", problem };
    if (code === STREAM_LOST) return { kind: "stream-lost", problem };
    if (code === (ErrorCode.ConnectionClosed as number) && problem.includes("Connection closed"))
      return { kind: "closed" };
    const { elicitations } = (data ?? {}) as JsonObject;
    if (code === URL_ELICITATION_REQUIRED && Array.isArray(elicitations))
      return { kind: "pages", pages: elicitations as never };
    return { kind: "refused", problem };
  }
  if (thrown instanceof SdkError && thrown.code === SdkErrorCode.ConnectionClosed)
    return { kind: "closed" };
  const status = statusOf(thrown);
  // 404 is what the protocol says; some servers answer 400 and name the session.
  if (status === 404 || (status === 400 && /session/i.test(problem)))
    return { kind: "session-lost" };
  if (thrown instanceof TypeError || /^(The server is gone|Not connected)/.test(problem))
    return { kind: "unreachable", problem };
  return { kind: "refused", problem };
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof StreamableHTTPError) return thrown.code;
  return thrown instanceof SdkHttpError ? thrown.status : undefined;
}

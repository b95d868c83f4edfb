import { defineErrors, type HarnessXError, type ToolResult } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const mcpErrors = {
  HX_MCP_OPTIONS: {
    tag: "McpError",
    message: "Options of MCP server {server}: {problem}.",
    hint: "The README of @harnessx/adapter-mcp lists the options.",
  },
  HX_MCP_CONNECT: {
    tag: "McpError",
    message: "MCP server {server} cannot be reached: {problem}.",
    hint: "Try it alone with `hx mcp test`; what the server wrote to stderr is in the details.",
  },
  HX_MCP_SERVER_DIED: {
    tag: "McpError",
    message: "MCP server {server} went away during the call: {problem}.",
    hint: "Whether the call took effect is unknown. The next call starts the server again.",
  },
  HX_MCP_DISCONNECTED: {
    tag: "McpError",
    message: "The connection to MCP server {server} was lost before the answer came: {problem}.",
    hint: "Whether the call took effect is unknown; check before repeating it.",
  },
  HX_MCP_CALL_FAILED: {
    tag: "McpError",
    message: "MCP server {server} refused the call: {problem}.",
    hint: "Correct the arguments, or use another tool.",
  },
  HX_MCP_TOOL_ERROR: {
    tag: "McpError",
    message: "Tool {tool} of MCP server {server} reports an error.",
    hint: "The content of the result says what went wrong.",
  },
  HX_MCP_TIMEOUT: {
    tag: "McpError",
    message: "MCP server {server} did not answer or report progress for {ms} ms.",
    hint: "Raise timeoutMs in the options of the entry, or ask for less.",
  },
  HX_MCP_CANCELLED: {
    tag: "McpError",
    message: "The call to MCP server {server} was cancelled.",
    hint: "The run ended or its deadline for tools passed.",
  },
  HX_MCP_TOO_LARGE: {
    tag: "McpError",
    message: "The answer of MCP server {server} is too large: {problem}.",
    hint: "Ask for less, or raise maxTextBytes and maxMessageBytes in the options of the entry.",
  },
  HX_MCP_TOOL_CHANGED: {
    tag: "McpError",
    message: "Tool {tool} of MCP server {server} is withheld: {problem}.",
    hint: "Read the new definition with `hx mcp inspect`; when it is sound, load the harness anew or lock the entry again.",
  },
  HX_MCP_INVALID: {
    tag: "McpError",
    message: "MCP server {server} does not follow the protocol: {problem}.",
    hint: "Report it to the maker of the server.",
  },
  HX_MCP_NOT_OURS: {
    tag: "McpError",
    message:
      "MCP server {server} asked for {what} when it could not be told which run it belongs to.",
    hint: "From now on calls of different runs to this server go one after the other; repeat the call.",
  },
  HX_MCP_AUTH: {
    tag: "McpError",
    message: "MCP server {server} wants authorization: {problem}.",
    hint: "Authorize once with `hx mcp test`, or set oauth in the options of the entry.",
  },
} as const;

/** The codes that this package raises. */
export type McpErrorCode = keyof typeof mcpErrors;

/** An error of this package: `code` is stable, `message` says what happened, `hint` what to do. */
export type McpFault = HarnessXError<McpErrorCode>;

/** Makes an error of this package. */
export const mcpError = defineErrors(mcpErrors);

/** An error as the result of a call: the model reads it and goes on. */
export function faultResult(
  fault: HarnessXError,
  status: ToolResult["status"] = "error",
): ToolResult {
  return {
    status,
    content: `${fault.message} ${fault.hint}`,
    error: { code: fault.code, message: fault.message },
  };
}

/** The message of whatever was thrown, with the innermost cause that says more. */
export function problemOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause instanceof Error ? thrown.cause : undefined;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const inner =
    cause && !thrown.message.includes(cause.message) ? cause.message || code : undefined;
  const text = inner ? `${thrown.message}: ${inner}` : thrown.message;
  return text.replace(/[.\s]+$/, "");
}

import { defineErrors, type ErrorTable } from "@harnessx/core/plugin";

/** The error codes of this package. */
export const mcpServeErrors = {
  HX_MCP_SERVE_TOKEN_NEEDED: {
    tag: "McpServeError",
    message: "A server on {host} needs a token: others than this machine can reach it.",
    hint: "Pass a token, or bind 127.0.0.1.",
  },
  HX_MCP_SERVE_HOSTS_NEEDED: {
    tag: "McpServeError",
    message: "A server on {host} answers to names that nobody has listed.",
    hint: "Pass allowedHosts with the names that clients use.",
  },
  HX_MCP_SERVE_LISTEN: {
    tag: "McpServeError",
    message: "The server cannot listen on {host} port {port}: {problem}.",
    hint: "Choose another port, or 0 for any that is free.",
  },
  HX_MCP_SERVE_OPTION: {
    tag: "McpServeError",
    message: "The option {option} is wrong: {problem}.",
    hint: "The README of @harnessx/adapter-mcp-server lists the options.",
  },
} as const satisfies ErrorTable;

/** Makes an error of this package. */
export const mcpServeError = defineErrors(mcpServeErrors);

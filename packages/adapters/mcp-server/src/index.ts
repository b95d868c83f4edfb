/** Serves an agent and its tools over MCP. */
export { serveMcp, type McpServing } from "./serve-mcp.ts";
export type { McpExtension, McpHttpOptions, McpStdioOptions, ServeMcpOptions } from "./options.ts";
export { mcpServeErrors } from "./errors.ts";

export { connectMcp, mcpConnector } from "./connect-mcp.ts";
export type { McpConnectorOptions } from "./connect-mcp.ts";
export { toolDigest } from "./endpoint/tool-digest.ts";
export { mcpErrors } from "./errors.ts";
export type { McpErrorCode, McpFault } from "./errors.ts";
export type { Consent, ConsentProvider, ShowPage } from "./oauth/consent.ts";
export { loopbackConsent } from "./oauth/loopback-consent.ts";
export { openMcp } from "./open-mcp.ts";
export type { McpServer, OpenMcpOptions } from "./open-mcp.ts";
export { mcpOptionsSchema } from "./options.ts";
export type { McpOptions, OAuthOptions } from "./options.ts";
export type {
  PromptInfo,
  PromptText,
  ResourceContents,
  ResourceInfo,
  ResourceTemplateInfo,
  ToolDefinition,
} from "./protocol/connection.ts";
export type { McpReport } from "./session/admission.ts";
export type { ServerFacts } from "./session/session.ts";

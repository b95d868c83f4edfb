import type { McpEndpoint } from "@harnessx/core";
import type { JsonObject, Tool, ToolContext, ToolResult, ToolSource } from "@harnessx/core/plugin";
import { keepDefinitions, keptDefinitions, type DefinitionsFile } from "./endpoint/definitions.ts";
import { resolveEndpoint, type Endpoint } from "./endpoint/endpoint.ts";
import { endpointFile } from "./endpoint/memory.ts";
import { secretName, secretValue } from "./endpoint/secrets.ts";
import { AuthorizedFetch } from "./oauth/authorized-fetch.ts";
import type { ConsentProvider } from "./oauth/consent.ts";
import { AuthorizationStore, type AuthorizationFile } from "./oauth/store.ts";
import { readOptions, type McpOptions, type OAuthOptions } from "./options.ts";
import type {
  PromptInfo,
  PromptText,
  ResourceContents,
  ResourceInfo,
  ResourceTemplateInfo,
  ToolDefinition,
} from "./protocol/connection.ts";
import type { McpReport } from "./session/admission.ts";
import { McpSession, type ServerFacts, type SessionSetup } from "./session/session.ts";
import { toolSource } from "./tools/tool-source.ts";
import type { Fetch } from "./transport/bounded-fetch.ts";

/** How a server is opened. */
export interface OpenMcpOptions {
  /** Id of the manifest entry; the first part of the names of its tools. */
  readonly server: string;
  /** Options of the entry. */
  readonly options?: JsonObject;
  /** Folder for relative paths and for what is remembered. */
  readonly root: string;
  /** Whether the tools are locked: ones that come later are then withheld. */
  readonly locked?: boolean;
  /** How a person consents to an authorization, such as `loopbackConsent`; without it nobody is asked. */
  readonly consent?: ConsentProvider;
  /** In place of the global `fetch`, for proxies. */
  readonly fetch?: Fetch;
  readonly onReport?: (report: McpReport) => void;
  /** Called before the first connection. */
  readonly onOpened?: (server: { close(): Promise<void> }) => void;
}

/** A server, opened: its tools, resources and prompts, for programs and for tools of a harness. */
export interface McpServer {
  readonly id: string;
  readonly info: ServerFacts;
  /** Milliseconds that the first connection took, its list of tools included; 0 while there was none. */
  readonly connectMs: number;
  /** Definitions of the tools that may be used. */
  readonly definitions: readonly ToolDefinition[];
  /** Tools that are not offered, and why. */
  readonly withheld: ReadonlyMap<string, string>;
  /** The tools as a harness has them. */
  readonly source: ToolSource;
  /** The tool that the server calls so. */
  tool(name: string): Tool | undefined;
  /** Calls a tool as a run would. */
  callTool(name: string, input: JsonObject, context: ToolContext): Promise<ToolResult>;
  instructions(): Promise<string | undefined>;
  capabilities(): Promise<JsonObject>;
  resources(): Promise<readonly ResourceInfo[]>;
  resourceTemplates(): Promise<readonly ResourceTemplateInfo[]>;
  readResource(uri: string): Promise<readonly ResourceContents[]>;
  prompts(): Promise<readonly PromptInfo[]>;
  prompt(name: string, input?: Readonly<Record<string, string>>): Promise<PromptText>;
  complete(
    of: { readonly prompt: string } | { readonly template: string },
    argument: { readonly name: string; readonly value: string },
  ): Promise<readonly string[]>;
  /** Milliseconds of one round trip. */
  ping(): Promise<number>;
  /** Ends the connection and the process; may be called twice. */
  close(): Promise<void>;
}

/**
 * Opens one server by itself, without a harness: what `hx mcp test` and `hx mcp inspect` show.
 *
 * Errors: HX_MCP_OPTIONS, HX_SECRET_MISSING, HX_MCP_CONNECT and HX_MCP_AUTH.
 *
 * @example
 * ```ts
 * import { openMcp } from "@harnessx/adapter-mcp";
 * const nothing = await openMcp({ command: "no-such-program" }, { server: "x", root: "." }).catch((error) => error.code);
 * nothing; // "HX_MCP_CONNECT"
 * ```
 */
export async function openMcp(endpoint: McpEndpoint, options: OpenMcpOptions): Promise<McpServer> {
  return (await openServer(endpoint, options)).server;
}

/** An opened server with what it was made of. */
export async function openServer(
  given: McpEndpoint,
  opening: OpenMcpOptions,
): Promise<{
  readonly server: McpServer;
  readonly endpoint: Endpoint;
  readonly options: McpOptions;
}> {
  const { server, root, locked = false, onReport, onOpened } = opening;
  const options = readOptions(server, opening.options);
  const endpoint = resolveEndpoint(server, given, root);
  const session = new McpSession({
    server,
    endpoint,
    options,
    root,
    locked,
    report: (report) => onReport?.(report),
    fetch: fetchOf(endpoint, opening, options),
  });
  onOpened?.(session);
  const connectMs = await start(session, options, endpoint, root);
  return { server: new OpenServer(session, connectMs), endpoint, options };
}

/** Connects, or for a lazy entry takes what is remembered. */
async function start(
  session: McpSession,
  { lazy }: McpOptions,
  endpoint: Endpoint,
  root: string,
): Promise<number> {
  const file = endpointFile<DefinitionsFile>(root, endpoint.digest, "tools");
  const kept = lazy ? await keptDefinitions(file) : undefined;
  if (kept) {
    session.assume(kept.facts, kept.tools);
    return 0;
  }
  const began = performance.now();
  try {
    await session.connection();
  } catch (thrown) {
    await session.close();
    throw thrown;
  }
  if (lazy) await keepDefinitions(file, session.facts!, session.definitions);
  return performance.now() - began;
}

function fetchOf(
  endpoint: Endpoint,
  { server, root, consent, fetch = globalThis.fetch }: OpenMcpOptions,
  { oauth }: McpOptions,
): SessionSetup["fetch"] {
  if (endpoint.kind !== "http" || oauth === false) return () => fetch;
  const file = endpointFile<AuthorizationFile>(root, endpoint.digest, "authorization");
  const authorized = new AuthorizedFetch({
    server,
    url: endpoint.url,
    options: withSecrets(server, oauth),
    store: new AuthorizationStore(file),
    consent,
    fetch,
  });
  return (waiting) => authorized.for(waiting);
}

function withSecrets(server: string, { clientSecret, privateKey, ...oauth }: OAuthOptions) {
  const read = (field: string, reference: JsonObject | undefined): string | undefined => {
    const name = secretName(reference);
    return name === undefined ? undefined : secretValue(name, `${server}.options.oauth.${field}`);
  };
  return {
    ...oauth,
    clientSecret: read("clientSecret", clientSecret),
    privateKey: read("privateKey", privateKey),
  };
}

class OpenServer implements McpServer {
  readonly id: string;
  readonly connectMs: number;
  readonly source: ToolSource;
  readonly tool: (name: string) => Tool | undefined;
  readonly #session: McpSession;

  constructor(session: McpSession, connectMs: number) {
    this.id = session.setup.server;
    this.connectMs = connectMs;
    this.#session = session;
    const source = toolSource(session);
    this.source = source;
    this.tool = (name) => source.of(name);
  }

  get info(): ServerFacts {
    return this.#session.facts ?? { name: this.id, version: "0", protocol: "" };
  }

  get definitions(): readonly ToolDefinition[] {
    return this.#session.definitions;
  }

  get withheld(): ReadonlyMap<string, string> {
    return this.#session.withheld;
  }

  async callTool(name: string, input: JsonObject, context: ToolContext): Promise<ToolResult> {
    const tool = this.tool(name);
    if (!tool) return { status: "error", content: `There is no tool ${name}.` };
    return (await tool.execute(input as never, context)) as ToolResult;
  }

  async instructions(): Promise<string | undefined> {
    return (await this.#session.connection()).instructions;
  }

  async capabilities(): Promise<JsonObject> {
    return (await this.#session.connection()).capabilities;
  }

  async resources(): Promise<readonly ResourceInfo[]> {
    return (await this.#session.connection()).listResources(this.#scope());
  }

  async resourceTemplates(): Promise<readonly ResourceTemplateInfo[]> {
    return (await this.#session.connection()).listResourceTemplates(this.#scope());
  }

  async readResource(uri: string): Promise<readonly ResourceContents[]> {
    return (await this.#session.connection()).readResource(uri, this.#scope());
  }

  async prompts(): Promise<readonly PromptInfo[]> {
    return (await this.#session.connection()).listPrompts(this.#scope());
  }

  async prompt(name: string, input: Readonly<Record<string, string>> = {}): Promise<PromptText> {
    return (await this.#session.connection()).getPrompt(name, input, this.#scope());
  }

  async complete(
    of: { readonly prompt: string } | { readonly template: string },
    argument: { readonly name: string; readonly value: string },
  ): Promise<readonly string[]> {
    return (await this.#session.connection()).complete(of, argument, this.#scope());
  }

  async ping(): Promise<number> {
    const connection = await this.#session.connection();
    const began = performance.now();
    await connection.ping(this.#scope());
    return performance.now() - began;
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  #scope(): { readonly signal: AbortSignal } {
    return { signal: AbortSignal.timeout(this.#session.setup.options.timeoutMs) };
  }
}

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  ListToolsResultSchema,
  LoggingMessageNotificationSchema,
  ResultSchema,
  ToolListChangedNotificationSchema,
  type ClientCapabilities,
  type LoggingLevel,
} from "@modelcontextprotocol/sdk/types.js";
import type { JsonObject } from "@harnessx/core/plugin";
import {
  allPages,
  type CallOutcome,
  type ClientFeatures,
  type ConnectionOwner,
  type McpConnection,
  type PromptText,
  type RequestScope,
  type ResourceContents,
  type ServerQuestion,
  type ToolDefinition,
} from "./connection.ts";
import { CLIENT_INFO } from "./identity.ts";

/** Our own deadlines decide; the SDK's are only a backstop. */
const NEVER = 2 ** 31 - 1;

/** What a connection of this era stands on. */
export interface Channel2025 {
  readonly transport: Transport;
  stderr(): string;
  /** Why it closed, as far as the transport knows. */
  problem(): string;
  /** Ends the session on the server's side, where there is one. */
  terminate?(): Promise<void>;
}

/** Opens a connection with the `initialize` handshake: protocol revisions up to 2025-11-25. */
export async function connect2025(
  channel: Channel2025,
  features: ClientFeatures,
  owner: ConnectionOwner,
  signal: AbortSignal,
): Promise<McpConnection> {
  const client = new Client(CLIENT_INFO, { capabilities: capabilitiesOf(features) });
  listen(client, features, owner);
  // What closes before it is open is a failed attempt, and reported as such.
  let open = false;
  client.onclose = () => {
    if (open) owner.closed(channel.problem());
    open = false;
  };
  client.onerror = (error) => {
    // The stream cannot be resumed any more: whoever waits on it must not wait for ever.
    if (error.message.startsWith("Maximum reconnection attempts")) void client.close();
  };
  await client.connect(channel.transport, { signal, timeout: NEVER });
  open = true;
  const capabilities = (client.getServerCapabilities() ?? {}) as JsonObject;
  if (features.logLevel !== undefined && capabilities["logging"] !== undefined)
    await client
      .setLoggingLevel(features.logLevel as LoggingLevel, { signal, timeout: NEVER })
      .catch(() => undefined);
  return new Connection2025(client, channel, capabilities, () => {
    open = false;
  });
}

function capabilitiesOf(features: ClientFeatures): ClientCapabilities {
  return {
    ...(features.sampling ? { sampling: {} } : {}),
    ...(features.elicitation ? { elicitation: { form: { applyDefaults: true }, url: {} } } : {}),
    ...(features.roots ? { roots: { listChanged: false } } : {}),
  };
}

function listen(client: Client, features: ClientFeatures, owner: ConnectionOwner): void {
  const ask = (method: ServerQuestion["method"], params: unknown): Promise<never> =>
    owner.answer({ method, params: (params ?? {}) as JsonObject }) as Promise<never>;
  if (features.sampling)
    client.setRequestHandler(CreateMessageRequestSchema, ({ method, params }) =>
      ask(method, params),
    );
  if (features.elicitation)
    client.setRequestHandler(ElicitRequestSchema, ({ method, params }) => ask(method, params));
  if (features.roots)
    client.setRequestHandler(ListRootsRequestSchema, ({ method, params }) => ask(method, params));
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => owner.toolsChanged());
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) =>
    owner.log(params as Parameters<ConnectionOwner["log"]>[0]),
  );
}

const sending = ({ signal, onProgress }: RequestScope): RequestOptions => ({
  signal,
  timeout: NEVER,
  ...(onProgress ? { onprogress: onProgress } : {}),
});

class Connection2025 implements McpConnection {
  readonly protocol: string;
  readonly server: McpConnection["server"];
  readonly instructions: string | undefined;
  readonly capabilities: JsonObject;
  readonly #client: Client;
  readonly #channel: Channel2025;
  readonly #closing: () => void;

  constructor(client: Client, channel: Channel2025, capabilities: JsonObject, closing: () => void) {
    this.#client = client;
    this.#channel = channel;
    this.#closing = closing;
    this.capabilities = capabilities;
    const { name, version } = client.getServerVersion() ?? { name: "unnamed", version: "0" };
    this.server = { name, version };
    this.instructions = client.getInstructions();
    const { protocolVersion } = channel.transport as { protocolVersion?: string };
    this.protocol = protocolVersion ?? "2025";
  }

  get stderr(): string {
    return this.#channel.stderr();
  }

  listTools(scope: RequestScope): Promise<readonly ToolDefinition[]> {
    if (this.capabilities["tools"] === undefined) return Promise.resolve([]);
    // Not `client.listTools`: it compiles every output schema, which core does again.
    return allPages(async (cursor) => {
      const { tools, nextCursor } = await this.#client.request(
        { method: "tools/list", params: cursor === undefined ? {} : { cursor } },
        ListToolsResultSchema,
        sending(scope),
      );
      return { items: tools as unknown as ToolDefinition[], nextCursor };
    });
  }

  async callTool(name: string, input: JsonObject, scope: RequestScope): Promise<CallOutcome> {
    const params = { name, arguments: input };
    const request = { method: "tools/call" as const, params };
    // Content is checked where it is made into parts: kinds that the SDK does not know are described there.
    return (await this.#client.request(request, ResultSchema, sending(scope))) as CallOutcome;
  }

  listResources(scope: RequestScope) {
    return allPages(async (cursor) => {
      const { resources, nextCursor } = await this.#client.listResources(
        { cursor },
        sending(scope),
      );
      return { items: resources, nextCursor };
    });
  }

  listResourceTemplates(scope: RequestScope) {
    return allPages(async (cursor) => {
      const page = await this.#client.listResourceTemplates({ cursor }, sending(scope));
      return { items: page.resourceTemplates, nextCursor: page.nextCursor };
    });
  }

  async readResource(uri: string, scope: RequestScope): Promise<readonly ResourceContents[]> {
    const { contents } = await this.#client.readResource({ uri }, sending(scope));
    return contents as readonly ResourceContents[];
  }

  listPrompts(scope: RequestScope) {
    return allPages(async (cursor) => {
      const { prompts, nextCursor } = await this.#client.listPrompts({ cursor }, sending(scope));
      return { items: prompts, nextCursor };
    });
  }

  async getPrompt(
    name: string,
    input: Readonly<Record<string, string>>,
    scope: RequestScope,
  ): Promise<PromptText> {
    return (await this.#client.getPrompt({ name, arguments: input }, sending(scope))) as PromptText;
  }

  async complete(
    of: { readonly prompt: string } | { readonly template: string },
    argument: { readonly name: string; readonly value: string },
    scope: RequestScope,
  ): Promise<readonly string[]> {
    const ref =
      "prompt" in of
        ? ({ type: "ref/prompt", name: of.prompt } as const)
        : ({ type: "ref/resource", uri: of.template } as const);
    const { completion } = await this.#client.complete(
      { ref, argument: { ...argument } },
      sending(scope),
    );
    return completion.values;
  }

  async ping(scope: RequestScope): Promise<void> {
    await this.#client.ping(sending(scope));
  }

  async close(): Promise<void> {
    this.#closing();
    await this.#channel.terminate?.().catch(() => undefined);
    await this.#client.close();
  }
}

import {
  Client,
  isInputRequiredResult,
  type ClientCapabilities,
  type DiscoverResult,
  type RequestOptions,
  type Tool,
  type Transport,
} from "@modelcontextprotocol/client";
import type { JsonObject } from "@harnessx/core/plugin";
import {
  type CallOutcome,
  type ClientFeatures,
  type ConnectionOwner,
  type McpConnection,
  type PromptInfo,
  type PromptText,
  type RequestScope,
  type ResourceContents,
  type ServerQuestion,
  type ToolDefinition,
} from "./connection.ts";
import { CLIENT_INFO, NEWEST } from "./identity.ts";

const NEVER = 2 ** 31 - 1;
/** A server that asks this often about one request will never be content. */
const MAX_ROUNDS = 16;
const LOG_LEVEL_KEY = "io.modelcontextprotocol/logLevel";

/** What a connection of this era stands on. */
export interface Channel2026 {
  readonly transport: Transport;
  stderr(): string;
  problem(): string;
}

/**
 * Opens a connection without a session: protocol revision 2026-07-28.
 *
 * `discovered` is what the server said when it was probed; without it the server is asked, and
 * a server of an older revision makes this reject.
 */
export async function connect2026(
  channel: Channel2026,
  features: ClientFeatures,
  owner: ConnectionOwner,
  signal: AbortSignal,
  discovered?: DiscoverResult,
): Promise<McpConnection> {
  const client = new Client(CLIENT_INFO, {
    capabilities: capabilitiesOf(features),
    versionNegotiation: { mode: { pin: NEWEST } },
    // Questions of the server are answered here, where it is known which call they belong to.
    inputRequired: { autoFulfill: false },
    listChanged: {
      tools: { autoRefresh: false, onChanged: () => owner.toolsChanged() },
    },
  });
  client.setNotificationHandler("notifications/message", ({ params }) =>
    owner.log(params as Parameters<ConnectionOwner["log"]>[0]),
  );
  // What closes before it is open is a failed attempt, and reported as such.
  let open = false;
  client.onclose = () => {
    if (open) owner.closed(channel.problem());
    open = false;
  };
  await client.connect(channel.transport, {
    signal,
    timeout: NEVER,
    ...(discovered ? { prior: { kind: "modern", discover: discovered } } : {}),
  });
  open = true;
  // Adopting a known verdict opens no stream of changes; asking the server does.
  const capabilities = (client.getServerCapabilities() ?? {}) as JsonObject;
  const { listChanged } = (capabilities["tools"] ?? {}) as { listChanged?: boolean };
  if (discovered && listChanged)
    await client
      .listen({ toolsListChanged: true }, { signal, timeout: NEVER })
      .catch(() => undefined);
  return new Connection2026(client, channel, capabilities, features.logLevel, () => {
    open = false;
  });
}

function capabilitiesOf(features: ClientFeatures): ClientCapabilities {
  return {
    ...(features.sampling ? { sampling: {} } : {}),
    ...(features.elicitation ? { elicitation: { form: {}, url: {} } } : {}),
    ...(features.roots ? { roots: {} } : {}),
  };
}

type Sending = RequestOptions & { toolDefinition?: Tool };
type AskingMethod = "tools/call" | "prompts/get" | "resources/read";

class Connection2026 implements McpConnection {
  readonly protocol: string;
  readonly server: McpConnection["server"];
  readonly instructions: string | undefined;
  readonly capabilities: JsonObject;
  readonly #client: Client;
  readonly #channel: Channel2026;
  readonly #logLevel: string | undefined;
  readonly #closing: () => void;

  constructor(
    client: Client,
    channel: Channel2026,
    capabilities: JsonObject,
    logLevel: string | undefined,
    closing: () => void,
  ) {
    this.#client = client;
    this.#channel = channel;
    this.#logLevel = logLevel;
    this.#closing = closing;
    this.capabilities = capabilities;
    this.protocol = client.getNegotiatedProtocolVersion() ?? NEWEST;
    const { name, version } = client.getServerVersion() ?? { name: "unnamed", version: "0" };
    this.server = { name, version };
    this.instructions = client.getInstructions();
  }

  get stderr(): string {
    return this.#channel.stderr();
  }

  async listTools(scope: RequestScope): Promise<readonly ToolDefinition[]> {
    const { tools } = await this.#client.listTools(undefined, {
      ...sending(scope),
      cacheMode: "refresh",
    });
    return tools as unknown as ToolDefinition[];
  }

  async callTool(name: string, input: JsonObject, scope: RequestScope): Promise<CallOutcome> {
    const meta = this.#logLevel === undefined ? {} : { _meta: { [LOG_LEVEL_KEY]: this.#logLevel } };
    const params = { name, arguments: input, ...meta };
    return (await this.#asking("tools/call", params, scope)) as CallOutcome;
  }

  async listResources(scope: RequestScope) {
    return (await this.#client.listResources(undefined, sending(scope))).resources;
  }

  async listResourceTemplates(scope: RequestScope) {
    return (await this.#client.listResourceTemplates(undefined, sending(scope))).resourceTemplates;
  }

  async readResource(uri: string, scope: RequestScope): Promise<readonly ResourceContents[]> {
    const { contents } = await this.#asking("resources/read", { uri }, scope);
    return contents as unknown as readonly ResourceContents[];
  }

  async listPrompts(scope: RequestScope): Promise<readonly PromptInfo[]> {
    return (await this.#client.listPrompts(undefined, sending(scope))).prompts;
  }

  async getPrompt(
    name: string,
    input: Readonly<Record<string, string>>,
    scope: RequestScope,
  ): Promise<PromptText> {
    const params = { name, arguments: input };
    return (await this.#asking("prompts/get", params, scope)) as unknown as PromptText;
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
    await this.#client.discover(sending(scope));
  }

  async close(): Promise<void> {
    this.#closing();
    await this.#client.close();
  }

  /** A request that the server may answer with questions: they are answered and it is sent again. */
  async #asking(
    method: AskingMethod,
    params: JsonObject,
    scope: RequestScope,
  ): Promise<JsonObject> {
    const options: Sending & { allowInputRequired: true } = {
      ...sending(scope),
      allowInputRequired: true,
    };
    let sent: JsonObject = params;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const result: unknown = await this.#send(method, sent, options, scope);
      if (!isInputRequiredResult(result)) return result as JsonObject;
      const { inputRequests = {}, requestState } = result;
      const answers = await Promise.all(
        Object.entries(inputRequests).map(async ([key, question]) => {
          if (!scope.answer) throw new Error("the server asks for input that nobody can give");
          return [key, await scope.answer(question as ServerQuestion)] as const;
        }),
      );
      sent = {
        ...params,
        ...(answers.length > 0 ? { inputResponses: Object.fromEntries(answers) } : {}),
        ...(requestState === undefined ? {} : { requestState }),
      };
    }
    throw new Error(`the server still asked for input after ${MAX_ROUNDS} rounds`);
  }

  #send(
    method: AskingMethod,
    params: JsonObject,
    options: Sending & { allowInputRequired: true },
    { definition }: RequestScope,
  ): Promise<unknown> {
    if (method !== "tools/call") return this.#client.request({ method, params } as never, options);
    // Without the output schema: core checks the result, once. Some arguments travel as headers.
    const { outputSchema: _checkedByCore, ...tool } = (definition ?? {
      name: params["name"],
      inputSchema: { type: "object" },
    }) as ToolDefinition;
    return this.#client.callTool(params as never, {
      ...options,
      toolDefinition: tool as unknown as Tool,
    });
  }
}

const sending = ({ signal, onProgress }: RequestScope): RequestOptions => ({
  signal,
  timeout: NEVER,
  ...(onProgress ? { onprogress: onProgress } : {}),
});

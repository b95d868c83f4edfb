import { afterEach } from "vitest";
import {
  Client as Client2026,
  StreamableHTTPClientTransport as Http2026,
} from "@modelcontextprotocol/client";
import { Client as Client2025 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as Http2025 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { createAgent, defineHarness, scriptedModel, type Agent, type Script } from "@harnessx/core";
import type { Tool } from "@harnessx/core/plugin";
import {
  serveMcp,
  type McpHttpOptions,
  type McpServing,
  type ServeMcpOptions,
} from "../src/index.ts";

/** The two eras of the protocol, each with a client of its own. */
export const eras = ["2025-11-25", "2026-07-28"] as const;
export type Era = (typeof eras)[number];

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** An agent whose model says what the script tells it, with tools in its harness. */
export async function agentOf(script: Script, tools: readonly Tool[] = []): Promise<Agent> {
  const inner = createAgent({
    harness: await defineHarness({ name: "demo" }),
    models: { main: scriptedModel(script) },
  });
  return {
    ...inner,
    harness: { ...inner.harness, tools },
    start: (task, options) => inner.start(task, { ...options, tools }),
  };
}

/** Serves an agent over HTTP. */
export async function serve(
  agent: Agent,
  options: Partial<ServeMcpOptions> & { readonly http?: McpHttpOptions } = {},
): Promise<McpServing> {
  const { http = {}, ...rest } = options;
  const serving = await serveMcp({ agent, ...rest, transport: { http } });
  ends.push(() => serving.close());
  return serving;
}

/** What a call came to. */
export interface Outcome {
  readonly content: readonly {
    readonly type: string;
    readonly text?: string;
    readonly data?: string;
  }[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: boolean;
}

interface Asked {
  readonly message: string;
  readonly requestedSchema?: unknown;
  readonly url?: string;
}

interface Answered {
  [field: string]: unknown;
  action: "accept" | "decline" | "cancel";
  content?: Record<string, string | number | boolean>;
}

type Elicit = (asked: Asked) => Answered | Promise<Answered>;

/** A client of either era, connected. */
export interface Connected {
  call(
    name: string,
    input: Record<string, unknown>,
    options?: {
      readonly onprogress?: (progress: { progress: number; message?: string }) => void;
      readonly signal?: AbortSignal;
    },
  ): Promise<Outcome>;
  tools(): Promise<readonly { readonly name: string; readonly inputSchema: unknown }[]>;
  resources(): Promise<readonly string[]>;
  read(uri: string): Promise<string>;
  version(): string | undefined;
  close(): Promise<void>;
}

/** Connects a client of an era; it can ask a person when `elicit` is given. */
export async function connect(
  era: Era,
  { url, token }: McpServing,
  elicit?: Elicit,
): Promise<Connected> {
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  const requestInit = { headers };
  const capabilities = elicit ? { elicitation: { form: {}, url: {} } } : {};
  const info = { name: "test", version: "0" };
  const client =
    era === "2025-11-25"
      ? new Client2025(info, { capabilities })
      : new Client2026(info, { capabilities, versionNegotiation: { mode: { pin: era } } });
  if (elicit && client instanceof Client2025)
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicit(params));
  if (elicit && client instanceof Client2026)
    client.setRequestHandler("elicitation/create", ({ params }) => elicit(params as Asked));
  const close = () => client.close();
  if (client instanceof Client2025)
    await client.connect(new Http2025(new URL(url!), { requestInit }));
  else await client.connect(new Http2026(new URL(url!), { requestInit }));
  ends.push(close);
  return {
    async call(name, input, options = {}) {
      const params = { name, arguments: input };
      return (
        client instanceof Client2025
          ? await client.callTool(params, undefined, options)
          : await client.callTool(params, options)
      ) as Outcome;
    },
    tools: async () => (await client.listTools()).tools,
    resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    read: async (uri) =>
      ((await client.readResource({ uri })).contents[0] as { text: string }).text,
    version: () => (client instanceof Client2026 ? client.getNegotiatedProtocolVersion() : era),
    close,
  };
}

/** A promise and the function that fulfils it. */
export function signal<Value = void>(): { promise: Promise<Value>; give: (value: Value) => void } {
  let give: (value: Value) => void = () => undefined;
  return {
    promise: new Promise<Value>((resolve) => (give = resolve)),
    give: (value) => give(value),
  };
}

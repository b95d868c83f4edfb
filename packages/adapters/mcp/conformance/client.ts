// What the conformance suite starts for each of its client scenarios, with the address of its server:
// opens the server as a harness does, and calls every tool with arguments made from its schema.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMcp, type Consent } from "@harnessx/adapter-mcp";
import type { JsonObject, JsonSchema } from "@harnessx/core/plugin";
import { toolContext } from "@harnessx/core/testing";

const url = process.argv.at(-1)!;
const scenario = process.env["MCP_CONFORMANCE_SCENARIO"] ?? "";
const context = JSON.parse(process.env["MCP_CONFORMANCE_CONTEXT"] ?? "{}") as Record<
  string,
  string
> & {
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: JsonObject }[];
};
const wire = process.env["MCP_CONFORMANCE_PROTOCOL_VERSION"] ?? "";

/** The suite's consent page sends back at once: no browser is needed. */
const consent = async (): Promise<Consent> => ({
  redirectUrl: "http://127.0.0.1:8976/callback",
  close: () => undefined,
  visit: async (page) => {
    const { headers } = await fetch(page, { redirect: "manual" });
    return new URL(headers.get("location")!);
  },
});

function argumentsFor(schema: JsonSchema): JsonObject {
  const { properties = {} } = schema as { properties?: Record<string, JsonObject> };
  return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, valueFor(one)]));
}

function valueFor(schema: JsonObject): never {
  const {
    type,
    enum: allowed,
    default: preset,
  } = schema as { type?: string; enum?: unknown[]; default?: unknown };
  if (preset !== undefined) return preset as never;
  if (allowed) return allowed[0] as never;
  const simple: Record<string, unknown> = {
    number: 5,
    integer: 5,
    boolean: true,
    array: [],
    null: null,
  };
  return (
    type === "object"
      ? argumentsFor(schema)
      : type !== undefined && type in simple
        ? simple[type]
        : "text"
  ) as never;
}

/** How the entry is configured for scenarios that hand out credentials. */
function oauth(): JsonObject {
  const common = { clientMetadataUrl: "https://conformance-test.local/client-metadata.json" };
  const { client_id: clientId, client_secret: secret, private_key_pem: key } = context;
  if (secret !== undefined) process.env["CONFORMANCE_SECRET"] = secret;
  if (key !== undefined) process.env["CONFORMANCE_KEY"] = key;
  return {
    ...common,
    ...(clientId === undefined ? {} : { clientId }),
    ...(secret === undefined ? {} : { clientSecret: { env: "CONFORMANCE_SECRET" } }),
    ...(key === undefined
      ? {}
      : {
          privateKey: { env: "CONFORMANCE_KEY" },
          privateKeyAlgorithm: context["signing_algorithm"]!,
        }),
    ...(scenario.includes("client-credentials") ? { grant: "client_credentials" } : {}),
  };
}

const root = await mkdtemp(join(tmpdir(), "harnessx-conformance-"));
const options: JsonObject = {
  protocol: wire === "2026-07-28" ? "2026" : wire === "" ? "auto" : "2025",
  oauth: oauth(),
  connectTimeoutMs: 100_000,
};
try {
  const server = await openMcp({ url }, { server: "conformance", root, options, consent });
  const person = toolContext({
    ask: ({ schema }) => {
      const preset = scenario.includes("defaults");
      return Promise.resolve({
        action: "accept",
        ...(schema && !preset ? { content: argumentsFor(schema) } : {}),
      });
    },
  });
  const made = server.definitions.map(({ name, inputSchema }) => ({
    name,
    arguments: argumentsFor(inputSchema),
  }));
  for (const { name, arguments: input } of context.toolCalls ?? made) {
    const result = await server.callTool(name, input, person);
    process.stdout.write(`${name}: ${JSON.stringify(result).slice(0, 500)}\n`);
  }
  await server.close();
} finally {
  await rm(root, { recursive: true, force: true });
}

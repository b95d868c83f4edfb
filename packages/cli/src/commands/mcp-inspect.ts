import type { Command } from "commander";
import type { McpServer } from "@harnessx/adapter-mcp";
import type { JsonObject } from "@harnessx/core/plugin";
import { act, command } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { mcpEntry, openManifest, openServer } from "../mcp-entries.ts";
import { partsText } from "../output/event-printer.ts";
import { block, oneLine } from "../output/text.ts";
import type { Session } from "../session.ts";

interface Options {
  readonly call?: string;
  readonly input?: string;
  readonly harness?: string;
}

/** `hx mcp inspect`. */
export function mcpInspectCommand(session: Session): Command {
  const made = command("inspect", {
    summary: "show what an MCP server offers, or call one of its tools",
    examples: [
      "hx mcp inspect fs",
      'hx mcp inspect fs --call list_directory --input \'{"path": "."}\'',
    ],
  })
    .argument("<name>", "an entry of the harness")
    .option("--call <tool>", "call this tool, by the server's own name for it")
    .option("--input <json>", "its arguments", "{}")
    .option("--harness <file>", "harness.json or its folder (default: here)");
  return act<Options>(session, made, (options, name) => inspect(session, options, name ?? ""));
}

async function inspect(session: Session, options: Options, id: string): Promise<ExitCode> {
  const open = await openManifest(session, options.harness);
  const server = await openServer(session, await mcpEntry(open, id), open.dir);
  return options.call === undefined ? show(session, server) : call(session, server, options);
}

async function show(session: Session, server: McpServer): Promise<ExitCode> {
  const capabilities = await server.capabilities();
  const has = (name: string): boolean => capabilities[name] !== undefined;
  const [instructions, resources, templates, prompts] = await Promise.all([
    server.instructions(),
    has("resources") ? server.resources() : [],
    has("resources") ? server.resourceTemplates() : [],
    has("prompts") ? server.prompts() : [],
  ]);
  const { info, definitions, withheld } = server;
  session.result({
    server: info,
    capabilities,
    instructions: instructions ?? null,
    tools: definitions,
    withheld: Object.fromEntries(withheld),
    resources,
    templates,
    prompts,
  });
  const { style, width } = session;
  session.print(
    `${style.bold(info.name)} ${info.version}  ${style.dim(`protocol ${info.protocol}`)}`,
  );
  if (instructions) session.print(block(instructions, "  ", width, 12));
  const list = (title: string, rows: readonly (readonly [string, string | undefined])[]): void => {
    if (rows.length === 0) return;
    session.print(`\n${style.bold(title)}`);
    for (const [name, text] of rows)
      session.print(
        `  ${name}  ${style.dim(oneLine(text ?? "", Math.max(20, width - name.length - 4)))}`,
      );
  };
  list(
    "tools",
    definitions.map(({ name, description }) => [name, description] as const),
  );
  list("withheld", [...withheld]);
  list(
    "resources",
    resources.map(({ uri, description, name }) => [uri, description ?? name] as const),
  );
  list(
    "resource templates",
    templates.map(({ uriTemplate, name }) => [uriTemplate, name] as const),
  );
  list(
    "prompts",
    prompts.map(({ name, description, arguments: given = [] }) => [
      [name, ...given.map((one) => (one.required ? one.name : `[${one.name}]`))].join(" "),
      description,
    ]),
  );
  return exitCode.ok;
}

async function call(session: Session, server: McpServer, options: Options): Promise<ExitCode> {
  const result = await server.callTool(options.call!, parseInput(options.input), {
    signal: session.interruptSignal(),
    callId: "inspect",
    runId: "inspect",
    step: 1,
    idempotencyKey: "inspect",
    now: () => Date.now(),
    log: (message) => session.note(message),
    spawn: nothing("subagents"),
    model: () => ({ generate: nothing("models") }),
    ask: async ({ message }) => {
      session.note(`The server asks: ${message}`);
      return { action: "cancel" };
    },
    slots: { get: () => undefined },
  });
  session.result(result);
  const { content, status } = result;
  session.print(typeof content === "string" ? content : partsText(content));
  if (status !== "ok") session.note(`The call ended as ${status}.`);
  return status === "ok" ? exitCode.ok : exitCode.failed;
}

const nothing = (what: string) => () =>
  Promise.reject(new Error(`hx mcp inspect has no ${what} for a server.`));

function parseInput(text = "{}"): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as JsonObject;
  } catch {
    // Said below.
  }
  throw new UsageError("--input is no JSON object.", 'Write it like \'{"path": "."}\'.');
}

import type { Command } from "commander";
import { act, collect, command } from "../command.ts";
import { cliError, UsageError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { entriesOf } from "../locking.ts";
import { endpointOf, openManifest, writePinned, type McpEntry } from "../mcp-entries.ts";
import { oneLine, plural, shortHash } from "../output/text.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";

interface Options {
  readonly env?: readonly string[];
  readonly header?: readonly string[];
  readonly options?: string;
  readonly harness?: string;
}

/** `hx mcp add`. */
export function mcpAddCommand(session: Session): Command {
  const made = command("add", {
    summary: "add an MCP server to a harness and pin its tools",
    more:
      "Connects first: a server that does not answer is not added. What its tools say of themselves goes into harness.lock.json; " +
      "when it says something else later, the harness does not load until hx mcp pin. " +
      "--env NAME and --header Name=$NAME refer to environment variables, so that no secret is written.",
    examples: [
      "hx mcp add fs -- npx -y @modelcontextprotocol/server-filesystem .",
      "hx mcp add docs https://example.org/mcp --header Authorization=$DOCS_TOKEN",
    ],
  })
    .argument("<name>", "name of the entry, and the first part of the names of its tools")
    .argument("<target...>", "an address, or after -- a program with its arguments")
    .option("--env <name=value>", "for the program; may be repeated", collect)
    .option("--header <name=value>", "for every request; may be repeated", collect)
    .option(
      "--options <json>",
      "options of the adapter as a JSON object, such as '{\"lazy\": true}'",
    )
    .option("--harness <file>", "harness.json or its folder (default: here; made when missing)");
  return act<Options>(session, made, (options, name, ...target) =>
    add(session, options, name ?? "", target.flat()),
  );
}

async function add(
  session: Session,
  options: Options,
  id: string,
  target: readonly string[],
): Promise<ExitCode> {
  const { insert, requireManifest } = await import("@harnessx/core");
  const open = await openManifest(session, options.harness, true);
  if (entriesOf(open.manifest).some((entry) => entry.id === id))
    throw await cliError("HX_CLI_ENTRY_TAKEN", { file: open.file, id });
  const own = parseObject(options.options);
  const entry = {
    id,
    mcp: endpointOf(target, options),
    ...(own === undefined ? {} : { options: own }),
  } as McpEntry;
  const manifest = requireManifest(insert(open.manifest, entry));
  const { lock, server, tools } = await writePinned(session, { ...open, manifest }, id);
  const shown = tools.map(({ name, description }) => ({ name, description }));
  const { style } = session;
  session.result({ harness: open.file, entry, server, lock, tools: shown });
  session.print(
    `${style.green("added")}    ${id}  (${server} ${lock.version}, ${plural(tools.length, "tool")})`,
  );
  for (const { name, description } of shown)
    session.print(
      `         ${name}  ${style.dim(oneLine(description, session.width - name.length - 11))}`,
    );
  session.print(`${style.bold("harness")}  ${relativePath(session.io.cwd, open.file)}`);
  session.print(`${style.bold("pinned")}   ${shortHash(lock.integrity)}`);
  return exitCode.ok;
}

function parseObject(text: string | undefined): object | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new UsageError("--options is no JSON object.", "Write it like '{\"lazy\": true}'.");
}

import type { Command } from "commander";
import { act, collect, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import {
  endpointOf,
  mcpEntries,
  mcpEntry,
  openManifest,
  openServer,
  type McpEntry,
} from "../mcp-entries.ts";
import { failureOf, type Failure } from "../output/failure.ts";
import { duration, plural } from "../output/text.ts";
import type { Session } from "../session.ts";

interface Options {
  readonly env?: readonly string[];
  readonly header?: readonly string[];
  readonly harness?: string;
}

/** `hx mcp test`. */
export function mcpTestCommand(session: Session): Command {
  const made = command("test", {
    summary: "connect to MCP servers and say how it went",
    more: "Without a name all servers of the harness. A server that no harness names is given as an address, or as a program after --.",
    examples: [
      "hx mcp test",
      "hx mcp test fs",
      "hx mcp test -- npx -y @modelcontextprotocol/server-memory",
    ],
  })
    .argument("[target...]", "names of entries, an address, or a program with its arguments")
    .option("--env <name=value>", "for the program; may be repeated", collect)
    .option("--header <name=value>", "for every request; may be repeated", collect)
    .option("--harness <file>", "harness.json or its folder (default: here)");
  return act<Options>(session, made, (options, ...target) => test(session, options, target.flat()));
}

interface Tested {
  readonly id: string;
  readonly ok: boolean;
  readonly server?: { readonly name: string; readonly version: string; readonly protocol: string };
  readonly tools?: number;
  readonly withheld?: Readonly<Record<string, string>>;
  readonly connectMs?: number;
  readonly pingMs?: number;
  readonly failure?: Failure;
}

async function test(
  session: Session,
  options: Options,
  target: readonly string[],
): Promise<ExitCode> {
  const { entries, dir } = await chosen(session, options, target);
  const results = await Promise.all(entries.map((entry) => testOne(session, entry, dir)));
  session.result({ servers: results });
  const { style } = session;
  if (results.length === 0) session.print("The harness has no MCP servers.");
  for (const one of results) {
    if (one.failure) {
      session.print(`${style.red("✗")} ${one.id}  ${one.failure.code}: ${one.failure.message}`);
      session.print(`  ${style.dim(one.failure.hint)}`);
      continue;
    }
    const { name, version, protocol } = one.server!;
    session.print(
      `${style.green("✓")} ${one.id}  ${name} ${version}, protocol ${protocol}, ${plural(one.tools!, "tool")}, connected in ${duration(one.connectMs!)}, round trip ${duration(one.pingMs!)}`,
    );
    for (const [tool, why] of Object.entries(one.withheld ?? {}))
      session.print(`  ${style.yellow(`withheld ${tool}: ${why}`)}`);
  }
  return results.every(({ ok }) => ok) ? exitCode.ok : exitCode.failed;
}

async function chosen(
  session: Session,
  options: Options,
  target: readonly string[],
): Promise<{ readonly entries: readonly McpEntry[]; readonly dir: string }> {
  const open = await openManifest(session, options.harness, true);
  if (target.length === 0) return { entries: mcpEntries(open.manifest), dir: open.dir };
  const known = new Set(mcpEntries(open.manifest).map(({ id }) => id));
  if (target.every((one) => known.has(one)))
    return {
      entries: await Promise.all(target.map((id) => mcpEntry(open, id))),
      dir: open.dir,
    };
  return { entries: [{ id: "server", mcp: endpointOf(target, options) }], dir: session.path(".") };
}

async function testOne(session: Session, entry: McpEntry, dir: string): Promise<Tested> {
  const { id } = entry;
  try {
    const server = await openServer(session, entry, dir);
    const pingMs = await server.ping();
    const { info, definitions, withheld, connectMs } = server;
    return {
      id,
      ok: true,
      server: info,
      tools: definitions.length,
      withheld: Object.fromEntries(withheld),
      connectMs,
      pingMs,
    };
  } catch (thrown) {
    return { id, ok: false, failure: failureOf(thrown).failure };
  }
}

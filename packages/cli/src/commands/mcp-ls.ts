import type { Command } from "commander";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { readLockBeside } from "../locking.ts";
import { endpointText, mcpEntries, openManifest } from "../mcp-entries.ts";
import { table } from "../output/table.ts";
import { shortHash } from "../output/text.ts";
import type { Session } from "../session.ts";

/** `hx mcp ls`. */
export function mcpLsCommand(session: Session): Command {
  const made = command("ls", {
    summary: "list the MCP servers of a harness, without connecting",
    examples: ["hx mcp ls"],
  }).option("--harness <file>", "harness.json or its folder (default: here)");
  return act<{ readonly harness?: string }>(session, made, (options) =>
    list(session, options.harness),
  );
}

async function list(session: Session, given: string | undefined): Promise<ExitCode> {
  const { file, manifest } = await openManifest(session, given);
  const lock = await readLockBeside(file);
  const servers = mcpEntries(manifest).map(({ id, mcp, options }) => ({
    id,
    mcp,
    ...(options ? { options } : {}),
    pinned: lock?.entries[id]?.integrity ?? null,
  }));
  session.result({ harness: file, servers });
  if (servers.length === 0) session.print("The harness has no MCP servers. hx mcp add adds one.");
  else
    session.print(
      table(
        [{ title: "name" }, { title: "server", flexible: true }, { title: "pinned" }],
        servers.map(({ id, mcp, pinned }) => [
          id,
          endpointText(mcp),
          pinned === null ? session.style.yellow("no") : shortHash(pinned),
        ]),
        session.width,
      ),
    );
  return exitCode.ok;
}

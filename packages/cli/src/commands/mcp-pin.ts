import type { Command } from "commander";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { readLockBeside } from "../locking.ts";
import { mcpEntry, openManifest, writePinned } from "../mcp-entries.ts";
import { shortHash } from "../output/text.ts";
import type { Session } from "../session.ts";

/** `hx mcp pin`. */
export function mcpPinCommand(session: Session): Command {
  const made = command("pin", {
    summary: "accept the tools that an MCP server has now",
    more: "Look at them with hx mcp inspect first: a server that changes what its tools say may want something else from the model.",
    examples: ["hx mcp pin fs"],
  })
    .argument("<name>", "an entry of the harness")
    .option("--harness <file>", "harness.json or its folder (default: here)");
  return act<{ readonly harness?: string }>(session, made, (options, id) =>
    pin(session, options.harness, id ?? ""),
  );
}

async function pin(session: Session, given: string | undefined, id: string): Promise<ExitCode> {
  const open = await openManifest(session, given);
  await mcpEntry(open, id);
  const before = (await readLockBeside(open.file))?.entries[id]?.integrity;
  const { lock } = await writePinned(session, open, id);
  const changed = before !== lock.integrity;
  session.result({ harness: open.file, id, before: before ?? null, lock, changed });
  const { style } = session;
  if (before === undefined)
    session.print(`${style.green("pinned")}   ${id}  ${shortHash(lock.integrity)}`);
  else if (changed)
    session.print(
      `${style.green("pinned")}   ${id}  ${shortHash(before)} → ${shortHash(lock.integrity)}`,
    );
  else session.print(`${id} is pinned to what it has: ${shortHash(before)}`);
  return exitCode.ok;
}

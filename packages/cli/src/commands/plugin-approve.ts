import { join } from "node:path";
import type { Command } from "commander";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { changeableManifest } from "../harness.ts";
import { keysOf } from "../keys.ts";
import { oneLine } from "../output/text.ts";
import type { Session } from "../session.ts";

interface Options {
  readonly harness: string;
  readonly as?: string;
}

/** `hx plugin approve`. */
export function pluginApproveCommand(session: Session): Command {
  const made = command("approve", {
    summary: "grant a generated plugin what no policy allows it",
    more:
      "Without an id, lists the candidates of evolution that ask for more than their parent had, such as a network host. " +
      "A grant holds for exactly the code that asked; the journal says who gave it. An entry of the harness is granted what its lock holds back.",
    examples: ["hx plugin approve", "hx plugin approve 3f2a91c07b55 --as ann"],
  })
    .argument("[id]", "of a candidate that waits, or of an entry")
    .option("--harness <file>", "harness.json or its folder", "harness.json")
    .option("--as <name>", "who approves (default: the user's name)");
  return act<Options>(session, made, (options, id) =>
    id === undefined ? list(session, options) : grant(session, options, id),
  );
}

async function list(session: Session, options: Options): Promise<ExitCode> {
  const { dir } = await changeableManifest(session, options.harness);
  const { pendingApprovals } = await import("@harnessx/aegis");
  const pending = await pendingApprovals(dir);
  session.result({ pending });
  if (pending.length === 0) session.print("Nothing waits for approval.");
  for (const { candidate, growth, why } of pending) {
    session.print(session.style.bold(candidate));
    for (const { entry, capability } of growth) session.print(`  ${capability}  for ${entry}`);
    session.print(session.style.dim(`  it says: ${oneLine(why, session.width - 12)}`));
  }
  return exitCode.ok;
}

async function grant(session: Session, options: Options, id: string): Promise<ExitCode> {
  const { dir } = await changeableManifest(session, options.harness);
  const { approve, JOURNAL, openJournal, withWorkspace } = await import("@harnessx/aegis");
  const { env } = session.io;
  const who = options.as ?? (env["USER"] || env["USERNAME"] || "unknown");
  const approved = await withWorkspace(dir, () =>
    approve({ dir, id, who, journal: openJournal(join(dir, JOURNAL)), ...keysOf(session) }),
  );
  session.result({ ...approved, who });
  const { style } = session;
  for (const { entry, capability } of approved.growth)
    session.print(`${style.green("granted")}  ${capability} for ${entry}, by ${who}`);
  return exitCode.ok;
}

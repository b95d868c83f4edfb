import type { Command } from "commander";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { manifestFile } from "../harness.ts";
import { inspectHarness, type EntryState } from "../harness-state.ts";
import type { Style } from "../output/style.ts";
import { shortHashes } from "../output/checks.ts";
import { table } from "../output/table.ts";
import { oneLine } from "../output/text.ts";
import type { Session } from "../session.ts";

interface Options {
  readonly harness: string;
}

/** `hx plugin ls`. */
export function pluginLsCommand(session: Session): Command {
  const made = command("ls", {
    summary: "list the entries of a harness in the order in which they run",
    examples: ["hx plugin ls --harness harness.json"],
  }).option("--harness <file>", "harness.json or its folder", "harness.json");
  return act<Options>(session, made, (options) => list(session, options));
}

async function list(session: Session, options: Options): Promise<ExitCode> {
  const state = await inspectHarness(session, await manifestFile(session, options.harness));
  session.result(state);
  const { style } = session;
  if (state.entries.length === 0) session.print(`${state.manifest.name} has no entries.`);
  else {
    const columns = [
      { title: "id" },
      { title: "package", flexible: true },
      { title: "version" },
      { title: "stage", align: "right" as const },
      { title: "hooks", flexible: true },
      { title: "lock" },
    ];
    session.print(
      table(
        columns,
        state.entries.map((entry) => row(entry, style)),
        session.width,
      ),
    );
  }
  for (const entry of state.entries) {
    const what = entry.failure
      ? `${entry.failure.code}: ${entry.failure.message}`
      : shortHashes(entry.problems.join("; "));
    if (what !== "")
      session.print(`\n${style.yellow(entry.id)}  ${oneLine(what, 3 * session.width)}`);
  }
  return exitCode.ok;
}

function row(entry: EntryState, style: Style): readonly string[] {
  const lock = entry.failure
    ? style.red("broken")
    : entry.lock === "locked"
      ? style.green("locked")
      : style.yellow(entry.lock);
  return [
    entry.id,
    entry.package ?? entry.use,
    entry.version ?? "?",
    entry.stage === undefined ? "" : String(entry.stage),
    entry.metadata?.hooks?.join(" ") ?? (entry.section === "tools" ? "(tools)" : ""),
    lock,
  ];
}

import { join } from "node:path";
import type { Command } from "commander";
import type { RollbackPlan } from "@harnessx/aegis";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { changeableManifest } from "../harness.ts";
import { keysOf } from "../keys.ts";
import { shortHash } from "../output/text.ts";
import type { Session } from "../session.ts";

interface Options {
  readonly harness: string;
  readonly dryRun?: boolean;
}

/** `hx evolve rollback`. */
export function evolveRollbackCommand(session: Session): Command {
  const made = command("rollback", {
    summary: "go back to an earlier harness, exactly",
    more:
      "Every harness that evolution installed is kept in .harnessx/generations. Signatures, packages and the hash are checked first; " +
      "manifest and lock change together, and the journal says which verdicts no longer stand.",
    examples: ["hx evolve rollback", "hx evolve rollback 3 --dry-run"],
  })
    .argument(
      "[version]",
      "number of a generation or the start of a harness hash (default: the parent)",
    )
    .option("--harness <file>", "harness.json or its folder", "harness.json")
    .option("--dry-run", "check and say what would change");
  return act<Options>(session, made, (options, version) => goBack(session, options, version));
}

async function goBack(
  session: Session,
  options: Options,
  version: string | undefined,
): Promise<ExitCode> {
  const { dir } = await changeableManifest(session, options.harness);
  const { JOURNAL, openJournal, planRollback, rollback, withWorkspace } =
    await import("@harnessx/aegis");
  const dryRun = options.dryRun === true;
  const plan = await withWorkspace(dir, () => {
    const request = {
      dir,
      journal: openJournal(join(dir, JOURNAL)),
      ...(version === undefined ? {} : { to: version }),
      ...keysOf(session),
    };
    return dryRun ? planRollback(request) : rollback(request);
  });
  session.result({ ...plan, dryRun });
  print(session, plan, dryRun);
  return exitCode.ok;
}

/** Tells what goes and what comes back. */
export function print(session: Session, plan: RollbackPlan, dryRun: boolean): void {
  const { style } = session;
  const fact = (title: string, text: string): void => {
    if (text !== "") session.print(`${style.bold(title.padEnd(11))}${text}`);
  };
  const { from, to, generation, undone, removed, added, changed } = plan;
  fact(
    dryRun ? "would be" : "harness",
    `${from === undefined ? "?" : shortHash(from)} → ${shortHash(to)}, generation ${generation}`,
  );
  fact("removed", removed.join(", "));
  fact("back", added.join(", "));
  fact("changed", changed.join(", "));
  fact("undone", undone.join(", "));
}

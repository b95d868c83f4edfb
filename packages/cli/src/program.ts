import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { benchCommand } from "./commands/bench.ts";
import { chatCommand } from "./commands/chat.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { gateCommands } from "./commands/gate.ts";
import { grpoCommands } from "./commands/grpo.ts";
import { evolveCommand } from "./commands/evolve.ts";
import { manifestCommands } from "./commands/manifest.ts";
import { mcpCommands } from "./commands/mcp.ts";
import { pluginCommands } from "./commands/plugin.ts";
import { resumeCommand } from "./commands/resume.ts";
import { initCommand } from "./commands/init.ts";
import { runCommand } from "./commands/run.ts";
import { serveCommand } from "./commands/serve.ts";
import { traceCommands } from "./commands/trace.ts";
import { UsageError } from "./errors.ts";
import { exitCode, exitCodeTable, type ExitCode } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { printFailure } from "./output/failure.ts";
import { packageFile } from "./paths.ts";
import { Session } from "./session.ts";

/** All commands of `hx`, bound to a session. */
export function buildProgram(session: Session): Command {
  const program = new Command("hx")
    .description("Run, measure, replay and evolve agent harnesses.")
    // An option belongs to the command before it: `hx evolve` and those below it have some in common.
    .enablePositionalOptions()
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .addHelpText(
      "after",
      `\nExit codes:\n${exitCodeTable.map(({ code, meaning }) => `  ${String(code).padEnd(5)} ${meaning}`).join("\n")}\n\nExample:\n  hx demo`,
    );
  const commands = [
    demoCommand(session),
    initCommand(session),
    chatCommand(session),
    runCommand(session),
    resumeCommand(session),
    serveCommand(session),
    benchCommand(session),
    evolveCommand(session),
    gateCommands(session),
    grpoCommands(session),
    traceCommands(session),
    pluginCommands(session),
    mcpCommands(session),
    manifestCommands(session),
    doctorCommand(session),
  ];
  for (const each of commands) program.addCommand(each);
  everyCommand(program, (each) => {
    each.exitOverride();
    each.configureOutput({
      writeOut: (text) => void session.io.stdout.write(text),
      // Errors are printed by `main`, help that stands in for one is not.
      writeErr: (text) => void (text.startsWith("error:") || session.io.stderr.write(text)),
      getOutHelpWidth: () => Math.min(session.io.stdout.columns ?? 80, 100),
      getErrHelpWidth: () => Math.min(session.io.stderr.columns ?? 80, 100),
    });
  });
  return program;
}

/** Calls back for a command and all below it. */
export function everyCommand(command: Command, visit: (each: Command) => void): void {
  visit(command);
  for (const each of command.commands) everyCommand(each, visit);
}

function version(): string {
  return (JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string })
    .version;
}

/**
 * Carries out one command line and resolves to the exit status; never rejects.
 *
 * `argv` is without the program's own name.
 */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const session = new Session(io);
  // Options are not parsed yet when the parser itself fails.
  session.json = argv.includes("--json");
  try {
    await buildProgram(session).parseAsync([...argv], { from: "user" });
    return session.interrupted ? exitCode.interrupted : session.exit;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return parserFailure(session, thrown);
    const exit = printFailure(session, thrown);
    return session.interrupted ? exitCode.interrupted : exit;
  } finally {
    await session.close();
  }
}

/** The parser also "fails" to show help, which is no failure when it was asked for. */
function parserFailure(session: Session, thrown: CommanderError): ExitCode {
  if (thrown.exitCode === 0) return exitCode.ok;
  if (thrown.code === "commander.help") return exitCode.usage;
  const [, message = "", suggestion] =
    /^(?:error: )?(.*?)(?:\n\((.*)\))?$/s.exec(thrown.message) ?? [];
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`.replace(/\.?$/, ".");
  const hint = suggestion
    ? `${suggestion} See hx --help.`
    : "hx --help lists the commands, hx <command> --help their options.";
  return printFailure(session, new UsageError(sentence, hint));
}

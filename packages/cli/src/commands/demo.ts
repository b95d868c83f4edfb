import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import type { DemoReport } from "@harnessx/aegis";
import { alfworldSuite, gameFolder } from "../alfworld.ts";
import { act, command, integer } from "../command.ts";
import { cliError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { openModel } from "../models.ts";
import { table } from "../output/table.ts";
import { block, duration, interval, percent, plural, points } from "../output/text.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";
import { openSuiteWith, type OpenedSuite } from "../suites.ts";

interface Options {
  readonly seed: number;
  readonly dir?: string;
}

/** `hx demo`. */
export function demoCommand(session: Session): Command {
  const made = command("demo", {
    summary: "let a harness improve itself, and measure before and after",
    more:
      "Offline and on the CPU: a small policy plays household tasks, the engine reads the traces, writes a plugin package and installs it if it " +
      "holds up. Both numbers are from tasks that the engine never saw. Uses ALFWorld games where they are found (HARNESSX_DATA, else " +
      "../shared/data), generated ones otherwise.",
    examples: ["hx demo", "hx demo --seed 2 --json"],
  })
    .option("--seed <n>", "of every random choice", integer(0), 1)
    .option("--dir <folder>", "where everything goes (default: a new folder in .harnessx/demo)");
  return act<Options>(session, made, (options) => run(session, options));
}

async function run(session: Session, options: Options): Promise<ExitCode> {
  const dir = session.path(options.dir ?? join(".harnessx", "demo", stamp()));
  if (await stat(join(dir, "harness.json")).catch(() => undefined)) throw await cliError("HX_CLI_FOLDER_NOT_EMPTY", { dir });
  const found = await gameFolder(session);
  const opened: OpenedSuite = found ? await alfworldSuite(session, found) : await openSuiteWith(session, "household", {});
  const model = await openModel(session, "tiny-policy");
  const { runDemo } = await import("@harnessx/aegis");
  const { style } = session;
  session.print(`${style.bold("data")}        ${found ? "real ALFWorld games" : "generated games (no ALFWorld data here)"}`);
  session.print(block(opened.suite.data, " ".repeat(12), session.width));
  session.print(`${style.bold("model")}       ${model.id}, a small policy on the CPU, no language model`);
  session.print(`${style.bold("folder")}      ${relativePath(session.io.cwd, dir)}`);
  const bar = session.progress("demo");
  const report = await runDemo({
    suite: opened.suite,
    models: { main: model },
    dir,
    seed: options.seed,
    onProgress: ({ phase, done, total }: { phase: string; done: number; total: number }) => bar.update(done, total, phase),
  }).finally(() => bar.end());
  session.result({ ...report, source: found ? "alfworld" : "generated", dir });
  print(session, report, dir);
  return exitCode.ok;
}

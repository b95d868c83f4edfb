import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import type { DecisionReport, DemoReport, EvolutionReport, RolloutRecord } from "@harnessx/aegis";
import { alfworldSuite, gameFolder } from "../alfworld.ts";
import { act, command, integer } from "../command.ts";
import { cliError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { keysOf } from "../keys.ts";
import { openModel } from "../models.ts";
import { printSealed } from "../output/sealed.ts";
import { block, count, duration, plural, points } from "../output/text.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";
import { StageDisplay } from "../stage-display.ts";
import { openSuiteWith } from "../suites.ts";

interface Options {
  readonly seed: number;
  readonly dir?: string;
}

/** `hx demo`. */
export function demoCommand(session: Session): Command {
  const made = command("demo", {
    summary: "let a harness improve itself, and measure it before and after",
    more:
      "Offline, on the CPU: a small policy plays household tasks, the engine reads the traces, writes a plugin package and installs it if it " +
      "holds up. Before and after are measured on tasks that no stage has seen. Real ALFWorld games are used where they are found (below " +
      "HARNESSX_DATA, else ../shared/data), generated ones otherwise.",
    examples: ["hx demo", "hx demo --seed 2 --json"],
  })
    .option("--seed <n>", "of every random choice", integer(0), 1)
    .option("--dir <folder>", "where everything goes (default: a new folder in .harnessx/demo)");
  return act<Options>(session, made, (options) => run(session, options));
}

async function run(session: Session, options: Options): Promise<ExitCode> {
  const dir = session.path(options.dir ?? join(".harnessx", "demo", stamp(new Date())));
  if (await stat(join(dir, "harness.json")).catch(() => undefined))
    throw await cliError("HX_CLI_FOLDER_NOT_EMPTY", { dir });
  const games = await gameFolder(session);
  const { suite } = games
    ? await alfworldSuite(session, games)
    : await openSuiteWith(session, "household", {});
  const model = await openModel(session, "tiny-policy");
  const { runDemo } = await import("@harnessx/aegis");
  const { style } = session;
  const fact = (name: string, text: string): void =>
    session.print(
      `${style.bold(name.padEnd(11))}${block(text, " ".repeat(11), session.width).trimStart()}`,
    );
  fact("games", games ? `real, ${suite.data}` : `no ALFWorld data here, so ${suite.data}`);
  fact("model", `${model.id}, a small policy on the CPU. It is no language model.`);
  fact("folder", relativePath(session.io.cwd, dir));
  session.print();
  const stages = new StageDisplay(session, suite);
  const report = await runDemo({
    suite: stages.suite,
    models: { main: model },
    dir,
    seed: options.seed,
    signal: session.interruptSignal(),
    ...keysOf(session),
    onProgress: ({ stage, message }) => stages.stage(stage, message),
  }).finally(() => stages.end());
  const trace = await exampleTrace(dir);
  const decisions = (await readArtefact<EvolutionReport>(dir, "evolution.json"))?.decisions ?? [];
  session.result({
    ...report,
    games: games ? "alfworld" : "generated",
    model: model.id,
    dir,
    decisions,
    ...(trace ? { trace } : {}),
  });
  print(session, report, { dir, trace, decisions });
  return exitCode.ok;
}

/** `20261121-140503`: the folders of several demos sort by time. */
function stamp(now: Date): string {
  const digits = now.toISOString().replaceAll(/\D/g, "");
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}`;
}

/** A failure of the first round: what the engine had to read. */
async function exampleTrace(dir: string): Promise<string | undefined> {
  const records = await readArtefact<readonly RolloutRecord[]>(dir, "rollouts.json");
  const example =
    records?.find((record) => !record.passed && record.trace !== undefined) ?? records?.[0];
  return example?.trace === undefined ? undefined : resolve(dir, example.trace);
}

/** What the first round, or the evolution as a whole, left behind. */
async function readArtefact<Value>(dir: string, name: string): Promise<Value | undefined> {
  const text = await readFile(join(dir, ".harnessx/evolution/1", name), "utf8").catch(
    () => undefined,
  );
  return text === undefined ? undefined : (JSON.parse(text) as Value);
}

interface Found {
  readonly dir: string;
  readonly trace: string | undefined;
  readonly decisions: readonly DecisionReport[];
}

function print(session: Session, report: DemoReport, { dir, trace, decisions }: Found): void {
  const { style } = session;
  const { before, after, noiseFloor } = report;
  printSealed(session, report.sealed);
  const delta = after.passRate - before.passRate;
  const fact = (name: string, text: string): void =>
    session.print(`${style.bold(name.padEnd(11))}${text}`);
  const clear = Math.abs(delta) > noiseFloor ? "" : ", which is within the noise";
  fact("change", `${style.bold(points(delta))} points on tasks that no stage has seen${clear}`);
  for (const decision of decisions) fact("gate", decisionText(decision));
  fact("spent", `${count(report.rollouts)} episodes in ${duration(report.ms)}`);
  session.print();
  const here = relativePath(session.io.cwd, dir);
  if (report.packages.length === 0) fact("plugins", "none held up, the harness stays as it was");
  else fact("plugins", `in ${join(here, dirname(report.packages[0]!))}`);
  for (const each of report.packages) fact("", basename(each));
  if (trace !== undefined) fact("look", `hx trace show ${relativePath(session.io.cwd, trace)}`);
  fact(trace === undefined ? "look" : "", `hx plugin ls --harness ${here}`);
  fact("", `hx bench household --harness ${here} --model tiny-policy`);
}

/** `APPLY, +39.2 points [+25.2, +53.5] on validation, 260 trials`. */
export function decisionText({
  decision,
  effect,
  interval: [low, high],
  trials,
}: DecisionReport): string {
  return `${decision}, ${points(effect)} points [${points(low)}, ${points(high)}] on validation, ${plural(trials, "trial")}`;
}

import { dirname, join } from "node:path";
import type { Command } from "commander";
import type { EvolutionReport } from "@harnessx/aegis";
import { act, collect, command, integer } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { changeableManifest } from "../harness.ts";
import { openModels, type ModelChoice } from "../models.ts";
import { table } from "../output/table.ts";
import { count, duration, oneLine, points, shortHash } from "../output/text.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";
import { StageDisplay } from "../stage-display.ts";
import { openSuite } from "../suites.ts";
import { decisionText } from "./demo.ts";

interface Options extends ModelChoice {
  readonly harness: string;
  readonly set?: readonly string[];
  readonly rounds: number;
  readonly train?: number;
  readonly validation?: number;
  readonly reps?: number;
  readonly maxSteps?: number;
  readonly seed: number;
}

/** `hx evolve`. */
export function evolveCommand(session: Session): Command {
  const made = command("evolve", {
    summary: "improve a harness from its own traces",
    more:
      "Each round plays train tasks, reads the traces, writes candidate plugins and lets the gate decide on validation tasks. What the gate lets " +
      "through is installed in harness.json and its lock. Every artefact of a round stays in .harnessx/evolution beside the harness.",
    examples: ["hx evolve household --model tiny-policy --rounds 2"],
  })
    .argument("<suite>", "household, a package or a folder")
    .option("--harness <file>", "harness.json or its folder", "harness.json")
    .option("--models <file>", "models.json: which model serves which role")
    .option("--model <name>", "one model: tiny-policy, oracle, a package or a folder")
    .option("--set <name=value>", "an option of the suite; may be repeated", collect)
    .option("--rounds <n>", "rounds at most", integer(1), 1)
    .option("--train <n>", "train tasks (default: all)", integer(1))
    .option("--validation <n>", "validation tasks (default: all)", integer(1))
    .option("--reps <n>", "repetitions of each train task for the digest", integer(1))
    .option("--max-steps <n>", "limit of steps, over the harness's own", integer(1))
    .option("--seed <n>", "of every random choice", integer(0), 1);
  return act<Options>(session, made, (options, suite) => run(session, options, suite ?? ""));
}

async function run(session: Session, options: Options, name: string): Promise<ExitCode> {
  const { dir } = await changeableManifest(session, options.harness);
  const models = await openModels(session, options);
  const { suite } = await openSuite(session, name, options.set);
  const { evolve } = await import("@harnessx/aegis");
  const stages = new StageDisplay(session, suite);
  const { train, validation, reps, maxSteps } = options;
  const report = await evolve({
    dir,
    suite: stages.suite,
    models,
    rounds: options.rounds,
    seed: options.seed,
    signal: session.interruptSignal(),
    onProgress: ({ stage, message }) => stages.stage(stage, message),
    ...(train === undefined ? {} : { trainTasks: train }),
    ...(validation === undefined ? {} : { validationTasks: validation }),
    ...(reps === undefined ? {} : { reps }),
    ...(maxSteps === undefined ? {} : { limits: { maxSteps } }),
  }).finally(() => stages.end());
  session.result(report);
  print(session, report, dir);
  return exitCode.ok;
}

function print(session: Session, report: EvolutionReport, dir: string): void {
  const { style, width } = session;
  const fact = (title: string, text: string): void =>
    session.print(`${style.bold(title.padEnd(11))}${text}`);
  const rows = report.rounds.flatMap((round) =>
    round.candidates.map((candidate) => [
      String(round.round),
      candidate.operator,
      candidate.screened ? `${points(candidate.screened.mean / 100)} points` : "",
      candidate.outcome.replaceAll("_", " "),
    ]),
  );
  const columns = [
    { title: "round" },
    { title: "candidate", flexible: true },
    { title: "on train", align: "right" as const },
    { title: "outcome" },
  ];
  session.print();
  if (rows.length > 0) session.print(table(columns, rows, width));
  else fact("candidates", "none");
  session.print();
  for (const decision of report.decisions) {
    fact(`gate ${decision.round}`, decisionText(decision));
    fact("", oneLine(decision.reason, width - 11));
  }
  const changed = report.before !== report.after;
  fact(
    "harness",
    changed
      ? `${shortHash(report.before)} → ${shortHash(report.after)}`
      : `${shortHash(report.before)}, unchanged`,
  );
  for (const each of report.packages) fact("plugin", relativePath(session.io.cwd, join(dir, each)));
  fact("spent", `${count(report.rollouts)} episodes in ${duration(report.ms)}`);
  fact("journal", relativePath(session.io.cwd, join(dir, report.journal)));
  fact("artefacts", relativePath(session.io.cwd, join(dir, dirname(report.journal))));
}

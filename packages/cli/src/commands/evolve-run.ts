import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Option, type Command } from "commander";
import type {
  CatalogueEntry,
  EvolutionReport,
  EvolveOptions,
  RolloutPool,
  RolloutPoolOptions,
  Stages,
} from "@harnessx/aegis";
import type { ModelsInput } from "@harnessx/core";
import { collect, integer } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { changeableManifest } from "../harness.ts";
import { UsageError } from "../errors.ts";
import { keysOf } from "../keys.ts";
import { modelsFileOf, openModels, type ModelChoice } from "../models.ts";
import { table } from "../output/table.ts";
import { count, duration, oneLine, points, shortHash } from "../output/text.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";
import { StageDisplay } from "../stage-display.ts";
import { openSuite, type OpenedSuite } from "../suites.ts";
import { printSealed } from "../output/sealed.ts";
import { decisionText } from "./demo.ts";

/** Options of every command that plays rounds. */
export interface EvolveFlags extends ModelChoice {
  readonly harness: string;
  readonly set?: readonly string[];
  readonly rounds: number;
  readonly train?: number;
  readonly validation?: number;
  readonly reps?: number;
  readonly maxSteps?: number;
  readonly sealed?: number | "all";
  readonly policy: "certified" | "paper" | "strict-increase";
  readonly agent: "stages" | "single";
  readonly allowNet?: readonly string[];
  readonly by: "program" | "model";
  readonly catalogue?: string;
  readonly workers?: number;
  readonly abandon?: boolean;
  readonly seed: number;
}

/** Adds the options that every command which plays rounds has. */
export function withEvolveOptions(made: Command): Command {
  return made
    .argument("<suite>", "household, alfworld, a package or a folder")
    .option("--harness <file>", "harness.json or its folder", "harness.json")
    .option("--models <file>", "models.json: which model serves which role")
    .option("--model <name>", "one model: tiny-policy, oracle, a package or a folder")
    .option("--set <name=value>", "an option of the suite; may be repeated", collect)
    .option("--rounds <n>", "rounds at most", integer(1), 1)
    .option("--train <n>", "train tasks (default: all)", integer(1))
    .option("--validation <n>", "validation tasks (default: all)", integer(1))
    .option("--reps <n>", "repetitions of each train task for the digest", integer(1))
    .option("--max-steps <n>", "limit of steps, over the harness's own", integer(1))
    .option("--sealed <n>", "measure on so many sealed tasks at the end, or on `all`", sealedTasks)
    .addOption(
      new Option("--policy <rule>", "the gate's rule; the others are there for comparison")
        .choices(["certified", "paper", "strict-increase"])
        .default("certified"),
    )
    .addOption(
      new Option("--agent <kind>", "`single` skips planning and criticism: a baseline")
        .choices(["stages", "single"])
        .default("stages"),
    )
    .addOption(
      new Option("--by <who>", "who does the stages: programs, or the model in the role meta")
        .choices(["program", "model"])
        .default("program"),
    )
    .option(
      "--catalogue <file>",
      "published packages that may be inserted (default: that of the suite's package)",
    )
    .option("--allow-net <host>", "host that generated tools may reach; may be repeated", collect)
    .option("--workers <n>", "play in so many processes (default: in this one)", integer(1))
    .option("--abandon", "end a run that was cut off instead of going on with it")
    .option("--seed <n>", "of every random choice", integer(0), 1);
}

/** Evolves with the options of the command line and those of the command; prints what came of it. */
export async function evolveWith(
  session: Session,
  options: EvolveFlags,
  name: string,
  more: Partial<EvolveOptions> = {},
): Promise<ExitCode> {
  const { dir } = await changeableManifest(session, options.harness);
  const models = await openModels(session, options);
  const opened = await openSuite(session, name, options.set);
  const { suite } = opened;
  const { evolve, singleAgentStages } = await import("@harnessx/aegis");
  const workers = await workersOf(session, options, name, opened);
  if (workers) session.atEnd(workers.close);
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
    ...(options.sealed === undefined ? {} : { sealedTasks: options.sealed }),
    ...(options.policy === "certified" ? {} : { policy: { rule: options.policy } }),
    ...(options.agent === "single" ? { stages: singleAgentStages } : {}),
    ...(options.allowNet ? { allow: { net: options.allowNet } } : {}),
    ...(options.by === "model" ? { stages: await modelStages(models) } : {}),
    ...(options.abandon ? { abandon: true } : {}),
    ...(workers ? { createPool: workers.createPool } : {}),
    ...keysOf(session),
    catalogue: await catalogueOf(session, options, opened),
    ...more,
  }).finally(() => stages.end());
  session.result(report);
  print(session, report, dir);
  return exitCode.ok;
}

function sealedTasks(text: string): number | "all" {
  return text === "all" ? "all" : integer(1)(text);
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
  for (const [id, { scope }] of Object.entries(report.variants)) fact(id, scope.join(", "));
  if (report.floor)
    fact("noise", `±${points(report.floor.halfWidth).slice(1)} points: one harness measured twice`);
  if (report.sealed) printSealed(session, report.sealed);
  fact("spent", `${count(report.rollouts)} episodes in ${duration(report.ms)}`);
  fact("journal", relativePath(session.io.cwd, join(dir, report.journal)));
  fact("artefacts", relativePath(session.io.cwd, join(dir, dirname(report.journal))));
}

/** Published packages that may be inserted: what is named, else what comes with the suite. */
async function catalogueOf(
  session: Session,
  { catalogue }: EvolveFlags,
  { dir }: OpenedSuite,
): Promise<readonly CatalogueEntry[]> {
  const { CATALOGUE, readCatalogue } = await import("@harnessx/aegis");
  if (catalogue !== undefined) return readCatalogue(session.path(catalogue));
  const own = join(dir, CATALOGUE);
  return existsSync(own) ? readCatalogue(own) : [];
}

/** Worker processes, when they are asked for; each makes suite and models by itself. */
async function workersOf(
  session: Session,
  { workers, models, model }: EvolveFlags,
  name: string,
  { use, options: suiteOptions }: OpenedSuite,
) {
  if (workers === undefined) return undefined;
  if (name === "alfworld") {
    throw new UsageError(
      "alfworld cannot be played in worker processes.",
      "Leave --workers out, or name the files with --set games=… of household.",
    );
  }
  const { createWorkerPool } = await import("@harnessx/aegis");
  const pools: { close(): Promise<void> }[] = [];
  const recipe = {
    root: session.io.cwd,
    suite: { use, options: suiteOptions },
    models: models === undefined ? modelsFileOf(model ?? "") : session.path(models),
  };
  return {
    createPool: ({ concurrency: _concurrency, ...options }: RolloutPoolOptions): RolloutPool => {
      const pool = createWorkerPool({ ...options, recipe, workers });
      pools.push(pool);
      return pool;
    },
    close: async () => void (await Promise.all(pools.map((pool) => pool.close()))),
  };
}

/** The stages as the model in the role `meta` does them. */
export async function modelStages(models: ModelsInput): Promise<Stages> {
  const { createMetaStages } = await import("@harnessx/aegis");
  return createMetaStages({ models });
}

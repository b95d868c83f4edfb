import { Option, type Command } from "commander";
import type { ArmResult, BenchArm, BenchReport } from "@harnessx/aegis";
import type { SuiteTask, TaskSplit } from "@harnessx/core/plugin";
import { act, collect, command, integer } from "../command.ts";
import { cliError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { openHarness } from "../harness.ts";
import { openModels, type ModelChoice } from "../models.ts";
import { table, type Column } from "../output/table.ts";
import {
  block,
  oneLine,
  count,
  duration,
  interval,
  money,
  percent,
  plural,
  points,
} from "../output/text.ts";
import type { Session } from "../session.ts";
import { openSuite } from "../suites.ts";

interface Options extends ModelChoice {
  readonly harness?: string;
  readonly vs?: string;
  readonly set?: readonly string[];
  readonly tasks?: number;
  readonly reps: number;
  readonly seed: number;
  readonly split?: TaskSplit;
  readonly maxSteps?: number;
  readonly concurrency: number;
  readonly traceDir?: string;
}

/** `hx bench`. */
export function benchCommand(session: Session): Command {
  const made = command("bench", {
    summary: "measure one harness on a suite, or two side by side",
    more:
      "Both harnesses attempt the same tasks under the same seeds, interleaved. The first is measured a second time under other seeds: " +
      "a difference below that noise floor means nothing.",
    examples: [
      "hx bench household --model tiny-policy --tasks 40 --reps 2",
      "hx bench household --harness a.json --vs b.json --model tiny-policy",
    ],
  })
    .argument("<suite>", "household, a package or a folder")
    .option("--harness <file>", "harness.json or its folder (default: no processors)")
    .option("--vs <file>", "a second harness to compare with it")
    .option("--models <file>", "models.json: which model serves which role")
    .option("--model <name>", "one model: tiny-policy, oracle, a package or a folder")
    .option("--set <name=value>", "an option of the suite; may be repeated", collect)
    .option("--tasks <n>", "how many tasks of the split (default: all)", integer(1))
    .option("--reps <n>", "repetitions of each task", integer(1), 1)
    .option("--seed <n>", "of every random choice", integer(0), 1)
    .addOption(
      new Option(
        "--split <name>",
        "which tasks (default: validation, or train where a suite has no other)",
      ).choices(["train", "validation", "sealed", "canary"]),
    )
    .option("--max-steps <n>", "limit of steps, over the harness's own", integer(1))
    .option("--concurrency <n>", "episodes at the same time", integer(1), 4)
    .option("--trace-dir <dir>", "keep a trace of every episode here");
  return act<Options>(session, made, (options, suite) => run(session, options, suite ?? ""));
}

async function run(session: Session, options: Options, name: string): Promise<ExitCode> {
  const models = await openModels(session, options);
  const opened = await openSuite(session, name, options.set);
  const { split, tasks } = await sample(await opened.suite.tasks(), options, opened.use);
  const arms = await openArms(session, options);
  if (split === "sealed")
    session.note(
      "Sealed tasks keep their worth only while nobody chooses by them: measure a release once.",
    );
  const { bench } = await import("@harnessx/aegis");
  const bar = session.progress("bench");
  let done = 0;
  try {
    const report = await bench({
      suite: opened.suite,
      arms,
      models,
      tasks: tasks.map((task) => task.id),
      reps: options.reps,
      seed: options.seed,
      concurrency: options.concurrency,
      signal: session.interruptSignal(),
      onProgress: (progress) => {
        done = progress.done;
        bar.update(progress.done, progress.total);
      },
      ...(options.maxSteps === undefined ? {} : { limits: { maxSteps: options.maxSteps } }),
      ...(options.traceDir === undefined ? {} : { traceDir: session.path(options.traceDir) }),
    });
    bar.end();
    session.result(jsonOf(report, split));
    print(session, report, split);
    return exitCode.ok;
  } catch (thrown) {
    bar.end();
    if (session.interrupted) {
      const kept = options.traceDir ? ` Their traces are in ${options.traceDir}.` : "";
      session.note(`Interrupted after ${plural(done, "episode")}.${kept}`);
      if (!session.json) return exitCode.interrupted;
    }
    throw thrown;
  }
}

/**
 * The tasks to measure. Ids are hashes of content, so the first of them in order are a sample that
 * depends neither on the order of the file nor on the seed, and a smaller one is part of a larger.
 */
async function sample(
  all: readonly SuiteTask[],
  options: Options,
  suite: string,
): Promise<{ readonly split: TaskSplit; readonly tasks: readonly SuiteTask[] }> {
  const has = (split: TaskSplit): boolean => all.some((task) => task.split === split);
  const split = options.split ?? (has("validation") ? "validation" : "train");
  if (!has(split)) throw await cliError("HX_CLI_SUITE_EMPTY", { suite, split });
  const tasks = all
    .filter((task) => task.split === split)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return { split, tasks: tasks.slice(0, options.tasks) };
}

/** The harnesses under the names of their manifests, told apart by their files where those agree. */
async function openArms(session: Session, { harness, vs }: Options): Promise<BenchArm[]> {
  const first = await openHarness(session, harness);
  if (vs === undefined) return [{ name: first.manifest.name, harness: first }];
  const second = await openHarness(session, vs);
  const [a, b] = [first.manifest.name, second.manifest.name];
  if (a !== b)
    return [
      { name: a, harness: first },
      { name: b, harness: second },
    ];
  const versions = [first.manifest.version, second.manifest.version];
  const suffix =
    versions[0] === versions[1] ? ["(a)", "(b)"] : versions.map((version) => `v${version}`);
  return [
    { name: `${a} ${suffix[0]}`, harness: first },
    { name: `${b} ${suffix[1]}`, harness: second },
  ];
}

/** The report with the first arm's results on top. */
export function jsonOf(report: BenchReport, split: TaskSplit): object {
  const [first, second] = report.arms;
  const { arms: _arms, tasks: taskIds, outcomes, comparison, noiseFloor, ms, ...facts } = report;
  return {
    ...facts,
    split,
    ...first,
    ...(second ? { vs: second } : {}),
    ...(comparison ? { comparison } : {}),
    noiseFloor,
    ms,
    taskIds,
    outcomes,
  };
}

function print(session: Session, report: BenchReport, split: TaskSplit): void {
  const { style, width } = session;
  const { arms, comparison } = report;
  const fact = (name: string, value: string): void =>
    session.print(`${style.bold(name.padEnd(12))}${value}`);
  fact(
    "suite",
    `${report.suite}, ${plural(report.tasks.length, "task")} of ${split} × ${plural(report.reps, "repetition")}, seed ${report.seed}`,
  );
  fact("data", block(report.data, " ".repeat(12), width, 3).trimStart());
  fact("model", `${report.model} (policy: ${report.policy})`);
  session.print();
  session.print(table(armColumns, arms.map(armRow), width));
  session.print();
  const { floor } = report;
  if (floor)
    fact(
      "floor",
      `${floor.name} passes ${floor.passed}/${floor.tasks}, ${percent(floor.passRate)}`,
    );
  if (comparison) {
    const clear =
      Math.abs(comparison.delta) > report.noiseFloor &&
      comparison.interval[0] * comparison.interval[1] > 0;
    const delta = `${points(comparison.delta)} points  [${points(comparison.interval[0])}, ${points(comparison.interval[1])}]`;
    fact("difference", clear ? style.bold(delta) : delta);
    fact("pairs", `${comparison.wins} won, ${comparison.losses} lost, ${comparison.ties} tied`);
  }
  fact(
    "noise floor",
    `±${points(report.noiseFloor).slice(1)} points (the first harness against itself, other seeds)`,
  );
  session.print();
  session.print(clusterTable(arms, width));
  session.print();
  fact(
    "exits",
    arms.map((arm) => `${arms.length > 1 ? `${arm.name}: ` : ""}${exitsOf(arm)}`).join("; "),
  );
  fact("time", duration(report.ms));
}

const armColumns: readonly Column[] = [
  { title: "harness", flexible: true },
  { title: "passed", align: "right" },
  { title: "rate", align: "right" },
  { title: "95% interval" },
  { title: "steps", align: "right" },
  { title: "tokens", align: "right" },
  { title: "cost", align: "right" },
];

const armRow = (arm: ArmResult): readonly string[] => [
  arm.name,
  `${arm.passed}/${arm.trials}`,
  percent(arm.passRate),
  interval(arm.interval),
  arm.meanSteps.toFixed(1),
  count(arm.tokens),
  money(arm.costUsd),
];

function exitsOf(arm: ArmResult): string {
  const parts = Object.entries(arm.exits).map(([exit, times]) => `${exit} ${times}`);
  if (arm.infra > 0) parts.push(`without a fair score ${arm.infra}`);
  return parts.join(", ");
}

function clusterTable(arms: readonly ArmResult[], width: number): string {
  const [first] = arms;
  const columns: Column[] = [
    { title: "cluster", flexible: true },
    { title: "tasks", align: "right" },
    ...arms.flatMap((arm): Column[] => [
      { title: oneLine(arm.name, 14), align: "right" },
      { title: "95% interval" },
    ]),
  ];
  const rows = (first?.clusters ?? []).map(({ cluster, tasks }) => [
    cluster,
    String(tasks),
    ...arms.flatMap((arm) => {
      const found = arm.clusters.find((one) => one.cluster === cluster);
      return found ? [percent(found.passRate), interval(found.interval)] : ["", ""];
    }),
  ]);
  return table(columns, rows, width);
}

import type { Command } from "commander";
import type { RunResult } from "@harnessx/core";
import type { Environment, PolicyKind, Score } from "@harnessx/core/plugin";
import { answerer } from "../answering.ts";
import { approveOption, approver, type ApproveMode } from "../approval.ts";
import { act, collect, command, integer } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { openHarness } from "../harness.ts";
import { bindModels, mainModel, openModels, type ModelChoice } from "../models.ts";
import { EventPrinter } from "../output/event-printer.ts";
import { oneLine } from "../output/text.ts";
import { relativePath, traceFolder } from "../paths.ts";
import type { Session } from "../session.ts";
import { chooseTask, openSuite } from "../suites.ts";

interface Options extends ModelChoice {
  readonly harness?: string;
  readonly suite?: string;
  readonly task?: string;
  readonly set?: readonly string[];
  readonly seed: number;
  readonly traceDir: string;
  readonly maxSteps?: number;
  readonly approve: ApproveMode;
  readonly interruptOn?: readonly string[];
}

/** `hx run`. */
export function runCommand(session: Session): Command {
  const made = command("run", {
    summary: "run one task and show what happens",
    more: "Without --suite the text is the task and the harness's own tools are used. With --suite the task and its tools come from the suite.",
    examples: [
      "hx run --suite household --model tiny-policy --seed 3",
      'hx run "Sort these files" --harness harness.json --models models.json',
    ],
  })
    .argument("[text]", "what the agent is to do")
    .option("--harness <file>", "harness.json or its folder (default: no processors)")
    .option("--models <file>", "models.json: which model serves which role")
    .option("--model <name>", "one model: tiny-policy, oracle, a package or a folder")
    .option("--suite <name>", "suite that the task comes from, such as household")
    .option("--task <id>", "task of the suite, or the start of its id (default: the first)")
    .option("--set <name=value>", "an option of the suite; may be repeated", collect)
    .option("--seed <n>", "of every random choice", integer(0), 1)
    .option("--max-steps <n>", "limit of steps, over the harness's own", integer(1))
    .option("--trace-dir <dir>", "where the trace goes", traceFolder)
    .option("--interrupt-on <tool>", "calls of this tool need approval; may be repeated", collect)
    .addOption(approveOption());
  return act<Options>(session, made, (options, text) => run(session, options, text));
}

async function run(
  session: Session,
  options: Options,
  text: string | undefined,
): Promise<ExitCode> {
  if (options.suite === undefined && options.task !== undefined) {
    throw new UsageError("--task needs --suite.", "Name the suite, for example --suite household.");
  }
  if (options.suite === undefined && (text === undefined || text.trim() === "")) {
    throw new UsageError(
      "There is no task.",
      'Write it in quotes, hx run "…", or choose one with --suite and --task.',
    );
  }
  if (options.suite !== undefined && text !== undefined) {
    throw new UsageError(
      "A text and --suite exclude each other.",
      "A task of a suite brings its own text.",
    );
  }
  const models = await openModels(session, options);
  const harness = await openHarness(session, options.harness);
  const { createAgent } = await import("@harnessx/core");
  const episode =
    options.suite === undefined ? undefined : await openEpisode(session, options.suite, options);
  try {
    const signal = session.interruptSignal();
    const approve = approver(session, options.approve, signal);
    const answer = answerer(session);
    const agent = createAgent({
      harness,
      models: episode ? bindModels(models, episode.task.id, episode.environment) : models,
    });
    const stream = agent.stream(
      episode ? { id: episode.task.id, text: episode.environment.observation } : (text as string),
      {
        signal,
        seed: episode?.seed ?? options.seed,
        trace: { dir: session.path(options.traceDir) },
        ...(episode ? { tools: episode.environment.tools, labels: { suite: episode.suite } } : {}),
        ...(episode?.environment.user && {
          user: ({ output }) => episode.environment.user?.(output),
        }),
        ...(options.maxSteps === undefined ? {} : { limits: { maxSteps: options.maxSteps } }),
        ...(options.interruptOn ? { interruptOn: options.interruptOn } : {}),
        ...(approve ? { approve } : {}),
        ...(answer ? { answer } : {}),
      },
    );
    const started = Date.now();
    const printer = new EventPrinter(session);
    for await (const item of stream) printer.item(item);
    const result = await stream.result;
    const score =
      episode && result.exit !== "interrupted" ? await episode.environment.score() : undefined;
    return report(session, printer, result, {
      ms: Date.now() - started,
      flags: flagsOf(options),
      ...mainModel(models),
      seed: options.seed,
      ...(episode ? { suite: episode.suite } : {}),
      ...(score ? { score } : {}),
      ...(episode ? { task: episode.task.id } : {}),
    });
  } finally {
    await episode?.environment.close();
  }
}

/** A task of a suite, opened. */
interface Episode {
  readonly suite: string;
  readonly task: { readonly id: string };
  readonly seed: number;
  readonly environment: Environment;
}

/** Opens a task as the first repetition of `hx bench` with the same seed does. */
async function openEpisode(session: Session, name: string, options: Options): Promise<Episode> {
  const { episodeSeed } = await import("@harnessx/aegis");
  const opened = await openSuite(session, name, options.set);
  const task = await chooseTask(opened, options.task);
  const seed = episodeSeed(options.seed, task.id, 0);
  return { suite: opened.use, task, seed, environment: await opened.suite.open(task.id, { seed }) };
}

/** What stands beside a run's own result. */
export interface ReportFacts {
  readonly ms: number;
  /** Options that `hx resume` needs again. */
  readonly flags: string;
  readonly model: string;
  readonly policy: PolicyKind;
  readonly seed: number;
  readonly suite?: string;
  readonly task?: string;
  readonly score?: Score;
}

/** The options that say what ran; a trace records models and harness, but not where they lie. */
export function flagsOf(
  options: ModelChoice & {
    readonly harness?: string;
    readonly set?: readonly string[];
    readonly traceDir: string;
  },
): string {
  const { harness, models, model, set = [], traceDir } = options;
  const dir = traceDir === traceFolder ? undefined : traceDir;
  const flags = [
    ["harness", harness],
    ["models", models],
    ["model", model],
    ...set.map((one) => ["set", one]),
    ["trace-dir", dir],
  ];
  return flags
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` --${name} ${/^[\w./:=@-]+$/.test(value!) ? value : `'${value}'`}`)
    .join("");
}

/** Prints how a run ended; also used by `hx resume`. */
export function report(
  session: Session,
  printer: EventPrinter,
  result: RunResult,
  facts: ReportFacts,
): ExitCode {
  const { style } = session;
  const { score, flags, ...plainFacts } = facts;
  printer.end(result, facts.ms);
  if (score) {
    const word = score.passed ? style.green("passed") : style.red("failed");
    session.print(
      `${style.bold("score")}    ${word}  ${score.score}  ${oneLine(score.reason, session.width - 25)}`,
    );
  }
  if (result.error) {
    session.print(
      `${style.bold("error")}    ${style.red(result.error.code)}: ${oneLine(result.error.message, 3 * session.width)}`,
    );
    session.print(`         ${style.dim(oneLine(result.error.hint, 3 * session.width))}`);
  }
  if (result.trace !== undefined)
    session.print(`${style.bold("trace")}    ${relativePath(session.io.cwd, result.trace)}`);
  if (result.pending) {
    const { id } = result.pending.call;
    session.print(`${style.bold("next")}     hx resume ${result.runId} --approve ${id}${flags}`);
  }
  const { messages: _messages, error, ...plain } = result;
  session.result({
    ...plain,
    ...plainFacts,
    ...(score ? { score } : {}),
    ...(error ? { error: error.toJSON() } : {}),
  });
  return result.exit === "done" && (score?.passed ?? true) ? exitCode.ok : exitCode.failed;
}

import type { Command } from "commander";
import type { ApprovalDecision, ResumeOptions, RunStartEvent, TraceEvent } from "@harnessx/core";
import type { Environment } from "@harnessx/core/plugin";
import { approver } from "../approval.ts";
import { act, collect, command } from "../command.ts";
import { UsageError } from "../errors.ts";
import type { ExitCode } from "../exit-codes.ts";
import { openHarness, openRecorded, openSwaps, startOf } from "../harness.ts";
import { bindModels, mainModel, openModels, type ModelChoice } from "../models.ts";
import { EventPrinter } from "../output/event-printer.ts";
import { traceFolder } from "../paths.ts";
import { replayEnvironment } from "../replay-environment.ts";
import type { Session } from "../session.ts";
import { openSuite } from "../suites.ts";
import { tracePath } from "../trace-path.ts";
import { flagsOf, report } from "./run.ts";

interface Options extends ModelChoice {
  readonly harness?: string;
  readonly suite?: string;
  readonly set?: readonly string[];
  readonly approve?: readonly string[];
  readonly refuse?: readonly string[];
  readonly reason?: string;
  readonly traceDir: string;
}

/** `hx resume`. */
export function resumeCommand(session: Session): Command {
  const made = command("resume", {
    summary: "go on with a run that was cut off or waits for approval",
    more:
      "What the trace records is repeated without any model or tool, then the run goes on and the trace with it. " +
      "The environment of a suite is opened anew and brought to where the run stopped.",
    examples: ["hx resume latest", "hx resume latest --approve call-1"],
  })
    .argument("<trace>", "a file, a run id or its start, or latest")
    .option("--approve <call>", "let this call run, or all; may be repeated", collect)
    .option("--refuse <call>", "refuse this call, or all; may be repeated", collect)
    .option("--reason <text>", "why; the model sees it with a refusal")
    .option("--harness <file>", "harness.json or its folder (default: the recorded harness)")
    .option("--models <file>", "models.json: which model serves which role")
    .option(
      "--model <name>",
      "one model (default: the recorded one, if it is tiny-policy or oracle)",
    )
    .option("--suite <name>", "suite of the task (default: the recorded one)")
    .option("--set <name=value>", "an option of the suite; may be repeated", collect)
    .option("--trace-dir <dir>", "where run ids are looked for", traceFolder);
  return act<Options>(session, made, (options, trace) => resume(session, options, trace ?? ""));
}

async function resume(session: Session, options: Options, given: string): Promise<ExitCode> {
  const { createAgent, readTrace, repairTrace } = await import("@harnessx/core");
  const path = await tracePath(session, given, options.traceDir);
  const torn = await repairTrace(path);
  if (torn) session.note(`Cut off a torn last line (${torn.bytes} bytes).`);
  const { events } = await readTrace(path);
  const started = await startOf(path, events);
  const models = await openModels(session, modelChoice(options, started));
  const harness = options.harness
    ? await openHarness(session, options.harness)
    : await openRecorded(session, path, started.manifest);
  const environment = await openEnvironment(session, options, { started, events });
  try {
    const agent = createAgent({
      harness,
      models: environment ? bindModels(models, started.task.id, environment) : models,
    });
    const begun = Date.now();
    const printer = new EventPrinter(session);
    const result = await agent.resume(path, {
      ...decisionsOf(session, options),
      harnesses: await openSwaps(session, path, events),
      signal: session.interruptSignal(),
      ...(environment ? { tools: environment.tools } : {}),
      ...(environment?.user && { user: ({ output }) => environment.user?.(output) }),
      onItem: (item) => {
        if (item.type === "delta" || item.event.seq >= events.length) printer.item(item);
      },
    });
    const score =
      environment && result.exit !== "interrupted" ? await environment.score() : undefined;
    return report(session, printer, result, {
      ms: Date.now() - begun,
      flags: flagsOf(options),
      ...mainModel(models),
      seed: started.seed,
      task: started.task.id,
      ...(score ? { score } : {}),
    });
  } finally {
    await environment?.close();
  }
}

/** Stand-ins are known by what a trace says of them; any other model needs its file. */
function modelChoice(options: Options, started: RunStartEvent): ModelChoice {
  if (options.model !== undefined || options.models !== undefined) return options;
  const policy = started.models["main"]?.policy;
  return policy === "tiny-policy" || policy === "oracle" ? { model: policy } : {};
}

function decisionsOf(
  session: Session,
  { approve = [], refuse = [], reason }: Options,
): Pick<ResumeOptions, "approve" | "decisions"> {
  const both = approve.find((call) => refuse.includes(call));
  if (both !== undefined)
    throw new UsageError(`${both} is approved and refused.`, "Keep one of the two.");
  const decisions: Record<string, ApprovalDecision> = {};
  const why = reason === undefined ? {} : { reason };
  for (const call of approve) decisions[call] = { decision: "approve", ...why };
  for (const call of refuse) decisions[call] = { decision: "refuse", ...why };
  const mode = approve.includes("all") ? "auto" : refuse.includes("all") ? "never" : "ask";
  const decide = approver(session, mode, session.interruptSignal());
  return { decisions, ...(decide ? { approve: decide } : {}) };
}

interface Recorded {
  readonly started: RunStartEvent;
  readonly events: readonly TraceEvent[];
}

async function openEnvironment(
  session: Session,
  options: Options,
  { started, events }: Recorded,
): Promise<Environment | undefined> {
  const name = options.suite ?? started.environment.suite;
  if (name === undefined) return undefined;
  const { suite } = await openSuite(session, name, options.set);
  const environment = await suite.open(started.task.id, { seed: started.seed });
  await replayEnvironment(environment, events);
  return environment;
}

import { messageOf } from "../errors/index.ts";
import { defineHarness } from "../load/harness.ts";
import { scriptedModel } from "../model/scripted.ts";
import type { SuiteDefinition } from "../plugin/define.ts";
import type { JsonObject } from "../plugin/json.ts";
import type { Environment, Score, Suite, SuiteTask } from "../plugin/suite.ts";
import { createAgent } from "../run/agent.ts";
import { sameJson } from "../trace/same-event.ts";
import { Findings, type ConformanceCheck } from "./report.ts";
import { toolProblems } from "./tools-laws.ts";

const SPLITS: ReadonlySet<string> = new Set(["train", "validation", "sealed", "canary"]);
const OPENED = 3;

/** Judges the laws of a suite; opens a few of its tasks and plays them when they tell how. */
export async function suiteLaws(
  definition: SuiteDefinition,
  options: JsonObject,
  root: string,
): Promise<ConformanceCheck[]> {
  const findings = new Findings();
  let suite: Suite;
  let tasks: readonly SuiteTask[];
  try {
    suite = await definition.create(options, { root });
    tasks = await suite.tasks();
  } catch (thrown) {
    findings.against("tasks", `Listing the tasks failed: ${messageOf(thrown)}`);
    return [findings.check("tasks", "")];
  }
  await judgeTasks(suite, tasks, findings);
  const opened = tasks
    .filter((_task, index) => index % Math.ceil(tasks.length / OPENED) === 0)
    .slice(0, OPENED);
  for (const task of opened) {
    try {
      await judgeEpisode(suite, task, findings);
    } catch (thrown) {
      findings.against("episodes", `Task ${task.id}: ${messageOf(thrown)}`);
    }
  }
  return [
    findings.check("tasks", `${tasks.length} tasks with unique ids, no family in two splits`),
    findings.check("episodes", `${opened.length} tasks opened, scored and closed`),
  ];
}

async function judgeTasks(
  suite: Suite,
  tasks: readonly SuiteTask[],
  findings: Findings,
): Promise<void> {
  for (const field of ["name", "verifier", "data"] as const) {
    if (typeof suite[field] !== "string" || suite[field] === "")
      findings.against("tasks", `The suite has no ${field}.`);
  }
  if (tasks.length === 0) findings.against("tasks", "There is no task.");
  const ids = new Set<string>();
  const splits = new Map<string, string>();
  for (const { id, text, family, cluster, split } of tasks) {
    if (ids.has(id)) findings.against("tasks", `Two tasks have the id ${id}.`);
    ids.add(id);
    if ([id, text, family, cluster].some((field) => typeof field !== "string" || field === "")) {
      findings.against("tasks", `Task ${id} lacks an id, a text, a family or a cluster.`);
    }
    if (!SPLITS.has(split)) findings.against("tasks", `Task ${id} has the unknown split ${split}.`);
    if ((splits.get(family) ?? split) !== split)
      findings.against("tasks", `The family ${family} is in two splits.`);
    splits.set(family, split);
  }
  if (!sameJson(tasks, await suite.tasks()))
    findings.against("tasks", "Asked twice, the suite lists different tasks.");
}

async function judgeEpisode(suite: Suite, task: SuiteTask, findings: Findings): Promise<void> {
  const fail = (detail: string): void => findings.against("episodes", `Task ${task.id}: ${detail}`);
  const fresh = await suite.open(task.id, { seed: 7 });
  for (const problem of toolProblems(fresh.tools)) fail(problem);
  if (typeof fresh.observation !== "string") fail("The observation is no text.");
  const score = await fresh.score();
  const problem = scoreProblem(score);
  if (problem !== undefined) fail(problem);
  else if (score.passed) fail("It passes before anything has been done.");
  await fresh.close();

  const again = await suite.open(task.id, { seed: 7 });
  if (again.observation !== fresh.observation)
    fail("Opened twice with one seed, it shows two observations.");
  if (again.oracle) {
    const solved = await play(again, task);
    if (!solved.passed) fail(`Its own solution does not pass: ${solved.reason}`);
  }
  await again.close();
}

/** Makes the calls of the solution through the real runtime. */
async function play(environment: Environment, task: SuiteTask): Promise<Score> {
  const { oracle = [], observation, tools } = environment;
  const harness = await defineHarness({
    name: "conformance",
    limits: { maxSteps: oracle.length + 1 },
  });
  const model = scriptedModel((_request, call) => {
    const next = oracle[call];
    return next ? { calls: [next] } : { text: "Done." };
  });
  await createAgent({ harness, models: { main: model } }).run(`${observation}\n\n${task.text}`, {
    tools,
    ...(environment.user && { user: ({ output }) => environment.user?.(output) }),
  });
  return environment.score();
}

function scoreProblem({ passed, score, reason }: Score): string | undefined {
  if (typeof passed !== "boolean") return "The score does not say whether it passed.";
  if (!(score >= 0 && score <= 1)) return `The score ${score} is not in [0, 1].`;
  return typeof reason === "string" ? undefined : "The score has no reason.";
}

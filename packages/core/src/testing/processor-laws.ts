import { canonicalJson } from "../manifest/canonical.ts";
import type { ProcessorDefinition } from "../plugin/define.ts";
import type { HarnessXError } from "../errors/index.ts";
import type { TraceEvent } from "../trace/schema.ts";
import { capabilityProblems } from "./capability-scan.ts";
import { drive, harnessOf, replay, type Drive, type Subject } from "./drive.ts";
import { episode, episodes, type Episode } from "./episodes.ts";
import { importFresh } from "./import-fresh.ts";
import { Observation, observed } from "./observe.ts";
import { Findings, type ConformanceCheck } from "./report.ts";
import { episodeOf } from "./trace-episode.ts";

/** A loaded processor and what to drive it with. */
export interface ProcessorUnderTest extends Subject {
  readonly dir: string;
  readonly entryFile: string;
  readonly traces: readonly (string | readonly TraceEvent[])[];
}

/** Which law an error of the runtime belongs to; every other one is a fault in an episode. */
const LAW_OF: Readonly<Record<string, string>> = {
  HX_PLUGIN_UNDECLARED_HOOK: "hooks",
  HX_PLUGIN_UNUSED_HOOK: "hooks",
  HX_PLUGIN_LATE_TAP: "hooks",
  HX_PLUGIN_DUPLICATE_TAP: "hooks",
  HX_PLUGIN_UNDECLARED_CAPABILITY: "capabilities",
  HX_PLUGIN_UNDECLARED_STATE: "state",
  HX_STATE_INVALID: "state",
  HX_VERDICT_INVALID: "verdicts",
  HX_EDIT_INVALID: "verdicts",
  HX_PROCESSOR_MUTATED_EVENT: "frozen events",
};

/** The episode that a swap happens in. */
const SWAPPED = "tools";

/** Judges every law of a processor. Laws that hold trivially because the setup fails are left out. */
export async function processorLaws(subject: ProcessorUnderTest): Promise<ConformanceCheck[]> {
  const findings = new Findings();
  const recorded = await Promise.all(
    subject.traces.map((trace, index) => episodeOf(trace, `recorded trace ${index + 1}`)),
  );
  const fresh = async (): Promise<ProcessorDefinition<never>> =>
    (await importFresh(subject.entryFile)) as ProcessorDefinition<never>;

  const observation = new Observation();
  const first = observed(await fresh(), observation);
  const drives = await driveAll(subject, first, [...episodes, ...recorded], findings);
  const hangs = drives.some(hasHung);
  judgeUse(subject, observation, findings);
  for (const problem of await capabilityProblems(subject))
    findings.against("capabilities", problem);

  const hooks = subject.metadata.hooks ?? [];
  const checks = [
    findings.check("hooks", `taps exactly ${hooks.join(", ")}`),
    findings.check("capabilities", "uses what it declares and declares what it uses"),
    findings.check("state", `cells: ${subject.metadata.state?.join(", ") ?? "none"}`),
    findings.check(
      "verdicts",
      "returns only verdicts that the hooks allow, made from their events",
    ),
    findings.check("frozen events", "changes no event in place"),
    findings.check("episodes", `survives ${episodes.map(({ name }) => name).join(", ")}`),
    ...(recorded.length === 0
      ? []
      : [findings.check("traces", `survives ${recorded.length} recorded runs`)]),
  ];
  if (observation.setups === 0 || hangs) return checks;

  await judgeDeterminism(subject, drives, await fresh(), findings);
  checks.push(findings.check("deterministic", "does the same again from the same recording"));
  if (!findings.breaks("deterministic")) {
    await judgeIsolation(subject, fresh, findings);
    checks.push(
      findings.check("isolated", "concurrent and successive runs do not notice each other"),
    );
  }
  if (drives.some(({ episode: { name }, result }) => name === SWAPPED && !result.error)) {
    await judgeSwap(subject, await fresh(), await fresh(), findings);
    checks.push(findings.check("swap", "can be replaced in the middle of a task"));
  }
  checks.push(
    findings.check("disposal", `${observation.disposers.length} disposers ran once each`),
  );
  return checks;
}

/** Runs every episode, and files what goes wrong under the law that it breaks. */
async function driveAll(
  subject: Subject,
  definition: ProcessorDefinition<never>,
  all: readonly Episode[],
  findings: Findings,
): Promise<Drive[]> {
  const drives: Drive[] = [];
  for (const each of all) {
    const done = await drive(subject, definition, each);
    drives.push(done);
    const builtIn = episodes.includes(each);
    const { error, exit } = done.result;
    if (error && exit === "harness_fault") blame(error, each, builtIn, findings);
    if (hasHung(done)) {
      if (!error)
        findings.against(builtIn ? "episodes" : "traces", `${each.name}: ${done.result.reason}`);
      // Every further episode would wait for as long.
      return drives;
    }
    for (const event of done.events) {
      if (event.type !== "tool.result" || event.error?.code !== "HX_TOOL_RESULT_INVALID") continue;
      if (event.intercepted === subject.name) {
        findings.against(
          "verdicts",
          `${each.name}: it answered a tool call with something that is no tool result.`,
        );
      }
    }
  }
  return drives;
}

/** Whether a tap or a setup kept the run waiting until the runtime gave up. */
function hasHung({ result }: Drive): boolean {
  return result.exit === "budget_time" || result.error?.code === "HX_PROCESSOR_TIMEOUT";
}

function blame(
  error: HarnessXError,
  { name }: Episode,
  builtIn: boolean,
  findings: Findings,
): void {
  const law = LAW_OF[error.code];
  // Metadata and verdicts are wrong in the same way everywhere; where it happened matters for the rest.
  if (law) findings.against(law, error.message);
  else findings.against(builtIn ? "episodes" : "traces", `${name}: ${error.message}`);
}

/** What was declared against what was used. */
function judgeUse({ metadata }: Subject, observation: Observation, findings: Findings): void {
  const { model = [], spawn = false } = metadata.capabilities ?? {};
  for (const role of observation.roles) {
    if (!model.includes(role))
      findings.against("capabilities", `It uses the model role ${role} without declaring it.`);
  }
  if (observation.spawned && !spawn)
    findings.against("capabilities", "It spawns subagents without declaring it.");
  if (observation.setups > 0) {
    for (const name of metadata.state ?? []) {
      if (observation.cells.has(name)) continue;
      findings.against("state", `It declares the cell ${name} but never makes it: do so in setup.`);
    }
  }
  for (const [name, { value }] of observation.cells) {
    try {
      canonicalJson(value);
    } catch {
      findings.against(
        "state",
        `The cell ${name} holds something that is not plain JSON, which no swap can hand over.`,
      );
    }
  }
  for (const { runs, failure } of observation.disposers) {
    if (failure !== undefined)
      findings.against("disposal", `A disposer failed: ${String(failure)}.`);
    else if (runs !== 1) findings.against("disposal", `A disposer ran ${runs} times.`);
  }
}

/** Every recording must come out the same when another copy of the code is driven through it. */
async function judgeDeterminism(
  subject: Subject,
  drives: readonly Drive[],
  copy: ProcessorDefinition<never>,
  findings: Findings,
): Promise<void> {
  for (const done of drives) {
    // When a caller's abort takes effect is a matter of time, and not the processor's doing.
    if (done.episode.abortAt !== undefined) continue;
    const difference = await replay(subject, copy, done);
    if (difference !== undefined)
      findings.against("deterministic", `${done.episode.name}: ${difference}.`);
  }
}

/** Runs that shared one copy of the code must come out the same when each has a copy of its own. */
async function judgeIsolation(
  subject: Subject,
  fresh: () => Promise<ProcessorDefinition<never>>,
  findings: Findings,
): Promise<void> {
  const shared = await fresh();
  const [one, two] = [episode("tools"), episode("repetition")];
  const together = await Promise.all([
    drive(subject, shared, one),
    drive(subject, shared, two),
    drive(subject, shared, one),
  ]);
  const after = await drive(subject, shared, one);
  for (const done of [...together, after]) {
    const difference = await replay(subject, await fresh(), done);
    if (difference === undefined) continue;
    findings.against("isolated", `${done.episode.name}: with other runs around it, ${difference}.`);
  }
}

/** Moves a task from one copy of the code to another, as a new version would be moved to. */
async function judgeSwap(
  subject: Subject,
  before: ProcessorDefinition<never>,
  after: ProcessorDefinition<never>,
  findings: Findings,
): Promise<void> {
  const old = new Observation();
  const next = await harnessOf(subject, after, {}, "2");
  let swapped: Promise<string | undefined> | undefined;
  let ended = false;
  const done = await drive(subject, observed(before, old), episode(SWAPPED), (call, run) => {
    if (call !== 2) return;
    swapped = run.swap(next).then(
      () => {
        ended = old.disposers.every(({ runs }) => runs === 1);
        return undefined;
      },
      (thrown: Error) => thrown.message,
    );
  });
  const { error, exit } = done.result;
  if (error && exit === "harness_fault") {
    findings.against("swap", `After the swap: ${error.message}`);
    return;
  }
  const problem = await swapped;
  // A processor that ends the task early, as a guard may, leaves nothing to swap.
  if (swapped === undefined || done.result.totals.steps <= 2) return;
  if (problem !== undefined) findings.against("swap", problem);
  else if (!ended)
    findings.against("disposal", "A disposer of the instance that was swapped out did not run.");
}

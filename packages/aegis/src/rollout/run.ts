import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import {
  canonicalJson,
  HarnessXError,
  createAgent,
  messageOf,
  openTraceFile,
} from "@harnessx/core";
import type {
  Agent,
  Limits,
  LoadedHarness,
  ModelsInput,
  RunResult,
  ToolResultEvent,
  TraceTarget,
} from "@harnessx/core";
import type { Environment, ModelBinding, Score, Suite, SuiteTask } from "@harnessx/core/plugin";
import { aegisError } from "../errors.ts";
import { mapClients } from "./clients.ts";
import { episodeSeed, modelName, policyOf, rolloutKey } from "./key.ts";
import type { InfraKind, RolloutRecord } from "./record.ts";
import { checkEnvironment, checkScore } from "./suite-checks.ts";

/** What to run. */
export interface RolloutSpec {
  readonly suite: Suite;
  readonly task: SuiteTask;
  readonly harness: LoadedHarness;
  readonly models: ModelsInput;
  readonly seed: number;
  /** From 0. */
  readonly repetition: number;
  /** Over the harness's own. */
  readonly limits?: Limits;
  /** Folder for the trace, `<first 32 digits of the id>.jsonl`. */
  readonly traceDir?: string;
  /** Also record which entries of the manifest acted. */
  readonly watch?: boolean;
  /**
   * Takes no outcome of another run from the pool's store: for certification, whose arms must be
   * played fresh. What this run itself has played before it was cut off counts.
   */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
}

/** The id that the rollout of `spec` has. */
export function keyOf(spec: RolloutSpec): string {
  return rolloutKey({
    suite: spec.suite.verifier,
    harness: spec.harness.hash,
    task: spec.task.id,
    model: modelName(spec.models),
    seed: spec.seed,
    repetition: spec.repetition,
    ...(spec.limits === undefined ? {} : { limits: canonicalJson(spec.limits) }),
  });
}

/**
 * Runs one episode to its score and closes the environment, whatever happens.
 *
 * A suite that throws, a model that fails and a processor that throws are recorded as `infra`, never
 * thrown. The one rejection is HX_ROLLOUT_ABORTED, when `signal` ended it: an episode that was cut
 * off has no outcome.
 */
export async function runRollout(spec: RolloutSpec): Promise<RolloutRecord> {
  const { suite, task, seed, repetition } = spec;
  const started = performance.now();
  const facts = factsOf(spec);
  const fired = new Set<string>();
  const broken = (infra: InfraKind, thrown: unknown, result?: RunResult): RolloutRecord => ({
    ...facts,
    ...spent(result),
    ...watched(spec, fired),
    ...unscored(infra, thrown, started),
  });
  throwIfAborted(spec);
  let environment: Environment;
  try {
    const given = await suite.open(task.id, { seed: episodeSeed(seed, task.id, repetition) });
    environment = checkEnvironment(suite.name, given);
  } catch (thrown) {
    return broken("environment", thrown);
  }
  try {
    let result: RunResult;
    try {
      result = await play(spec, facts.id, environment, fired);
    } catch (thrown) {
      // `run` rejects only for options that can never work: tools that clash with the harness's own.
      // Anything else is an environment that is none, or a trace folder that cannot be written.
      return broken(HarnessXError.isInstance(thrown) ? "candidate" : "environment", thrown);
    }
    throwIfAborted(spec);
    const infra = infraOf(result);
    if (infra) return broken(infra, result.error ?? result.reason ?? result.exit, result);
    let score: Score;
    try {
      score = checkScore(suite.name, await environment.score());
    } catch (thrown) {
      return broken("environment", thrown, result);
    }
    return {
      ...facts,
      ...spent(result),
      ...watched(spec, fired),
      passed: score.passed,
      score: score.score,
      reason: score.reason,
      ...(score.audit === undefined ? {} : { audit: score.audit }),
      ms: performance.now() - started,
    };
  } finally {
    // A failure to close loses no outcome: the score stands.
    await closeQuietly(environment);
  }
}

/** What a record says of its rollout before anything was played. */
function factsOf(spec: RolloutSpec) {
  const { suite, task, harness, models, seed, repetition } = spec;
  return {
    id: keyOf(spec),
    suite: suite.name,
    task: task.id,
    family: task.family,
    cluster: task.cluster,
    split: task.split,
    harness: harness.hash,
    repetition,
    seed,
    model: modelName(models),
    policy: policyOf(models),
  };
}

const unscored = (infra: InfraKind, thrown: unknown, started: number) => ({
  passed: false,
  score: 0,
  reason: "not scored",
  ms: performance.now() - started,
  infra,
  error: messageOf(thrown),
});

/** The record of a rollout that took the process down in which it was played. */
export const lostRollout = (
  spec: RolloutSpec,
  infra: InfraKind,
  thrown: unknown,
  started: number,
): RolloutRecord => ({
  ...factsOf(spec),
  ...spent(undefined),
  ...watched(spec, new Set()),
  ...unscored(infra, thrown, started),
});

async function closeQuietly(environment: Environment): Promise<void> {
  try {
    await environment.close();
  } catch {
    // See above.
  }
}

async function play(
  spec: RolloutSpec,
  id: string,
  environment: Environment,
  fired: Set<string>,
): Promise<RunResult> {
  const { suite, task, seed, repetition } = spec;
  const runId = id.slice(0, 32);
  const file = spec.traceDir === undefined ? undefined : resolve(spec.traceDir, `${runId}.jsonl`);
  // The same rollout again: an earlier attempt that was cut off left its trace.
  if (file !== undefined) await rm(file, { force: true });
  const result = await agentOf(spec.harness, spec.models).run(
    { id: task.id, text: environment.observation },
    {
      runId,
      seed: episodeSeed(seed, task.id, repetition),
      tools: environment.tools,
      ...(environment.user && { user: ({ output }) => environment.user?.(output) }),
      models: bind(spec.models, task.id, environment),
      labels: { suite: suite.name, rollout: id },
      trace: traceOf(spec, file, fired),
      ...(spec.limits === undefined ? {} : { limits: spec.limits }),
      ...(spec.signal === undefined ? {} : { signal: spec.signal }),
    },
  );
  return file === undefined ? result : { ...result, trace: file };
}

/** Where the events of an episode go: a file, a look at which entries acted, both, or nowhere. */
function traceOf(
  { traceDir, watch, harness }: RolloutSpec,
  file: string | undefined,
  fired: Set<string>,
): TraceTarget {
  if (!watch) return traceDir === undefined ? false : { dir: traceDir, durability: "none" };
  const owners = new Map(
    harness.toolGroups.flatMap(({ id, tools }) => tools.map(({ name }) => [name, id] as const)),
  );
  return () => {
    const inner = file === undefined ? undefined : openTraceFile(file, { durability: "none" });
    return {
      write(event) {
        if (event.type === "hook") {
          for (const tap of event.taps) if (tap.verdict !== "pass") fired.add(tap.processor);
        } else if (event.type === "tool.result") {
          const owner = owners.get(event.name);
          if (owner !== undefined && ran(event)) fired.add(owner);
        }
        inner?.write(event);
      },
      flush: () => inner?.flush(),
      close: () => inner?.close(),
    };
  };
}

/** Whether the tool itself was called: a processor may have answered in its place, a person have said no. */
const ran = ({ intercepted, status }: ToolResultEvent): boolean =>
  intercepted === undefined && status !== "refused";

const watched = ({ watch }: RolloutSpec, fired: ReadonlySet<string>) =>
  watch ? { fired: [...fired].toSorted() } : {};

const agents = new WeakMap<LoadedHarness, Agent>();

/** Agents prepare a harness once; every run brings its own models. */
function agentOf(harness: LoadedHarness, models: ModelsInput): Agent {
  let agent = agents.get(harness);
  if (!agent) {
    agent = createAgent({ harness, models });
    agents.set(harness, agent);
  }
  return agent;
}

/** Tells stand-in models the task, and only an oracle the gold actions. */
const bind = (models: ModelsInput, taskId: string, environment: Environment): ModelsInput =>
  mapClients(models, (client) => {
    if (!client.bind) return client;
    const oracle = client.policy === "oracle" ? environment.oracle : undefined;
    const binding: ModelBinding = oracle === undefined ? { taskId } : { taskId, oracle };
    return client.bind(binding);
  });

/** A throwing processor is the harness's own fault, a full disk is not; a model that cannot be reached is nobody's known fault. */
function infraOf(result: RunResult): InfraKind | undefined {
  if (result.error?.code === "HX_TRACE_WRITE_FAILED") return "environment";
  if (result.exit === "harness_fault") return "candidate";
  if (result.exit === "model_error" || result.exit === "interrupted") return "unknown";
  return undefined;
}

function spent(result: RunResult | undefined) {
  if (!result) return { steps: 0, tokens: 0, costUsd: 0 };
  const { totals, exit, error } = result;
  // A trace that could not be written to its end is no trace.
  const trace = error?.code === "HX_TRACE_WRITE_FAILED" ? undefined : result.trace;
  return {
    exit,
    steps: totals.steps,
    tokens: totals.inputTokens + totals.outputTokens,
    costUsd: totals.costUsd,
    ...(trace === undefined ? {} : { trace }),
  };
}

/** Throws HX_ROLLOUT_ABORTED when the caller wants no more. */
export function throwIfAborted(spec: RolloutSpec): void {
  if (spec.signal?.aborted)
    throw aegisError("HX_ROLLOUT_ABORTED", { task: spec.task.id }, spec.signal.reason);
}

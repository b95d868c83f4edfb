import { rm } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, createAgent, messageOf, openTraceFile } from "@harnessx/core";
import type {
  Agent,
  Limits,
  LoadedHarness,
  ModelsInput,
  RunResult,
  TraceTarget,
} from "@harnessx/core";
import type {
  Environment,
  ModelBinding,
  ModelClient,
  Score,
  Suite,
  SuiteTask,
} from "@harnessx/core/plugin";
import { aegisError } from "../errors.ts";
import { episodeSeed, modelName, policyOf, rolloutKey } from "./key.ts";
import type { InfraKind, RolloutRecord } from "./record.ts";

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
  /** Also record which processors acted. */
  readonly watch?: boolean;
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
  const { suite, task, harness, models, seed, repetition } = spec;
  const id = keyOf(spec);
  const started = performance.now();
  const facts = {
    id,
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
  const fired = new Set<string>();
  const broken = (infra: InfraKind, thrown: unknown, result?: RunResult): RolloutRecord => ({
    ...facts,
    ...spent(result),
    ...watched(spec, fired),
    passed: false,
    score: 0,
    reason: "not scored",
    ms: performance.now() - started,
    infra,
    error: messageOf(thrown),
  });
  throwIfAborted(spec);
  let environment: Environment;
  try {
    environment = await suite.open(task.id, { seed: episodeSeed(seed, task.id, repetition) });
  } catch (thrown) {
    return broken("environment", thrown);
  }
  try {
    let result: RunResult;
    try {
      result = await play(spec, id, environment, fired);
    } catch (thrown) {
      // `run` rejects only for options that can never work: tools that clash with the harness's own.
      return broken("candidate", thrown);
    }
    throwIfAborted(spec);
    const infra = infraOf(result);
    if (infra) return broken(infra, result.error ?? result.reason ?? result.exit, result);
    let score: Score;
    try {
      score = await environment.score();
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
    await Promise.resolve(environment.close()).catch(() => undefined);
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
  const file = spec.traceDir === undefined ? undefined : join(spec.traceDir, `${runId}.jsonl`);
  // The same rollout again: an earlier attempt that was cut off left its trace.
  if (file !== undefined) await rm(file, { force: true });
  const result = await agentOf(spec.harness, spec.models).run(
    { id: task.id, text: environment.observation },
    {
      runId,
      seed: episodeSeed(seed, task.id, repetition),
      tools: environment.tools,
      models: bind(spec.models, task.id, environment),
      labels: { suite: suite.name, rollout: id },
      trace: traceOf(spec, file, fired),
      ...(spec.limits === undefined ? {} : { limits: spec.limits }),
      ...(spec.signal === undefined ? {} : { signal: spec.signal }),
    },
  );
  return file === undefined ? result : { ...result, trace: file };
}

/** Where the events of an episode go: a file, a look at who acted, both, or nowhere. */
function traceOf(
  { traceDir, watch }: RolloutSpec,
  file: string | undefined,
  fired: Set<string>,
): TraceTarget {
  if (!watch) return traceDir === undefined ? false : { dir: traceDir, durability: "none" };
  return () => {
    const inner = file === undefined ? undefined : openTraceFile(file, { durability: "none" });
    return {
      write(event) {
        if (event.type === "hook")
          for (const tap of event.taps) if (tap.verdict !== "pass") fired.add(tap.processor);
        inner?.write(event);
      },
      flush: () => inner?.flush(),
      close: () => inner?.close(),
    };
  };
}

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
function bind(models: ModelsInput, taskId: string, environment: Environment): ModelsInput {
  const bound = (client: ModelClient): ModelClient => {
    if (!client.bind) return client;
    const oracle = client.policy === "oracle" ? environment.oracle : undefined;
    const binding: ModelBinding = oracle === undefined ? { taskId } : { taskId, oracle };
    return client.bind(binding);
  };
  const out: Record<string, ModelsInput[string]> = {};
  for (const [role, given] of Object.entries(models)) {
    if ("targets" in given) {
      const [first, ...rest] = given.targets;
      const withBound = <Target extends { readonly client: ModelClient }>(
        target: Target,
      ): Target => ({
        ...target,
        client: bound(target.client),
      });
      out[role] = { ...given, targets: [withBound(first), ...rest.map(withBound)] };
    } else out[role] = bound(given);
  }
  return out as ModelsInput;
}

/** A throwing processor is the harness's own fault; a model that cannot be reached is nobody's known fault. */
function infraOf(result: RunResult): InfraKind | undefined {
  if (result.exit === "harness_fault") return "candidate";
  if (result.exit === "model_error" || result.exit === "interrupted") return "unknown";
  return undefined;
}

function spent(result: RunResult | undefined) {
  if (!result) return { steps: 0, tokens: 0, costUsd: 0 };
  const { totals, trace, exit } = result;
  return {
    exit,
    steps: totals.steps,
    tokens: totals.inputTokens + totals.outputTokens,
    costUsd: totals.costUsd,
    ...(trace === undefined ? {} : { trace }),
  };
}

function throwIfAborted(spec: RolloutSpec): void {
  if (spec.signal?.aborted)
    throw aegisError("HX_ROLLOUT_ABORTED", { task: spec.task.id }, spec.signal.reason);
}

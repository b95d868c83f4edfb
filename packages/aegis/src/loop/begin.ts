import { join } from "node:path";
import { canonicalJson, HarnessXError, loadHarness, messageOf, sha256Hex } from "@harnessx/core";
import type { LoadedHarness } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import { loadGeneration, recoverInstall, requireWorkspace } from "../install/index.ts";
import { redrive, type Journal, type Redriven } from "../journal/index.ts";
import { modelName, policyOf } from "../rollout/index.ts";
import { deterministicStages } from "../stages/index.ts";
import type { Opening } from "./session.ts";
import type { EvolveOptions } from "./types.ts";

/** A run that has begun, for the first time or again. */
export interface Begun {
  readonly journal: Redriven;
  readonly run: number;
  readonly harness: LoadedHarness;
}

/**
 * Begins a run, or goes on with one that was cut off: then the journal is driven again from the
 * run's first entry. Throws HX_AEGIS_RUN_UNFINISHED when the run that was cut off had other options.
 */
export async function begin(file: Journal, options: EvolveOptions & Opening): Promise<Begun> {
  const { dir, open, suite, models, seed, keys } = options;
  await inWorkspace(dir, () => recoverInstall(dir, file, open, keys));
  const { isolation = "wasm" } = options;
  const tier = typeof isolation === "string" ? isolation : isolation.tier;
  await inWorkspace(dir, () =>
    requireWorkspace(dir, file, { tier, ...(keys === undefined ? {} : { keys }) }),
  );
  const last = unfinished(file);
  const digest = optionsDigest(options);
  if (last && options.abandon) {
    file.append({ t: "end", run: last.run, harness: last.harness, rollouts: 0, why: "abandoned" });
  } else if (last) {
    if (last.options !== digest || last.verifier !== suite.verifier || last.seed !== seed)
      throw aegisError("HX_AEGIS_RUN_UNFINISHED", { dir, run: last.run });
  }
  const resumed = last && !options.abandon ? last : undefined;
  const run = resumed?.run ?? 1 + file.events.filter((event) => event.t === "begin").length;
  const journal = redrive(file, resumed?.seq ?? file.events.length);
  const harness = await inWorkspace(dir, async () => {
    const present = await loadHarness(join(dir, "harness.json"), open ? { open } : {});
    if (!resumed || present.hash === resumed.harness) return present;
    return loadGeneration(dir, resumed.harness, open);
  });
  journal.append({
    t: "begin",
    run,
    suite: suite.name,
    verifier: suite.verifier,
    data: suite.data,
    model: modelName(models),
    policy: policyOf(models),
    seed,
    harness: harness.hash,
    options: digest,
  });
  return { journal, run, harness };
}

/** The run that has begun and not ended; a rollback ends one too. */
export function unfinished({ events }: Pick<Journal, "events">) {
  const begun = events.findLast((event) => event.t === "begin");
  if (begun?.t !== "begin") return undefined;
  const ended = events.some(({ seq, t }) => seq > begun.seq && (t === "end" || t === "rollback"));
  return ended ? undefined : begun;
}

/** Everything that the course of a run depends on beside suite, models, seed and harness. */
function optionsDigest(options: EvolveOptions): string {
  const {
    catalogue,
    rounds,
    trainTasks,
    validationTasks,
    sealedTasks,
    reps,
    limits,
    candidates,
    actionability,
    patience,
    policy,
    allow,
    screening,
    isolation = "wasm",
    stages = deterministicStages,
  } = options;
  const plain = {
    catalogue,
    rounds,
    trainTasks,
    validationTasks,
    sealedTasks,
    reps,
    limits,
    candidates,
    actionability,
    patience,
    policy,
    allow,
    screening,
    isolation: typeof isolation === "string" ? isolation : isolation.tier,
    by: stages.by,
  };
  return sha256Hex(canonicalJson(JSON.parse(JSON.stringify(plain))));
}

async function inWorkspace<Value>(dir: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (thrown) {
    // An error that says more about the workspace than that it is none is left as it is.
    if (HarnessXError.isInstance(thrown) && thrown.code.startsWith("HX_AEGIS_")) throw thrown;
    throw aegisError("HX_AEGIS_WORKSPACE_INVALID", { dir, problem: messageOf(thrown) }, thrown);
  }
}

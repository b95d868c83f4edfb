import { Worker } from "node:worker_threads";
import { loadHarness, loadModels, loadPlugin, messageOf, resolveOptions } from "@harnessx/core";
import type { LoadedHarness, ModelsInput, OpenPlugin } from "@harnessx/core";
import type { Suite } from "@harnessx/core/plugin";
import type { RolloutRecipe } from "../recipe.ts";
import { keyOf, runRollout } from "../run.ts";
import { openerFor } from "./isolation.ts";
import type { FromWorker, Job, PortableHarness, ToWorker } from "./messages.ts";
import { markModels, markSuite, PhaseMark } from "./phase.ts";

/* A worker process: plays one rollout after another until its pool goes away. */

const BEAT_EVERY = 1000;

interface Workshop {
  readonly suite: Suite;
  readonly models: ModelsInput;
  readonly open: OpenPlugin | undefined;
}

let workshop: Workshop | undefined;
const harnesses = new Map<string, LoadedHarness>();

const tell = (message: FromWorker): void => void process.send?.(message);

async function openWorkshop(recipe: RolloutRecipe, phaseFile: string): Promise<Workshop> {
  const { root, suite: wanted } = recipe;
  const plugin = await loadPlugin(wanted.use, root);
  const { definition } = plugin;
  if (definition.harnessx !== "suite") throw new Error(`${wanted.use} is no suite`);
  const options = resolveOptions(plugin, wanted.use, wanted.options);
  const suite = await definition.create(options as never, { root });
  const mark = new PhaseMark(phaseFile);
  return {
    suite: markSuite(suite, mark),
    models: markModels(await loadModels(recipe.models, { root }), mark),
    open: openerFor(recipe),
  };
}

async function play({ suite, models, open }: Workshop, job: Job, portable: PortableHarness) {
  let harness = harnesses.get(portable.hash);
  if (!harness) {
    const { manifest, root } = portable;
    harness = await loadHarness(manifest, { root, lock: false, ...(open ? { open } : {}) });
    if (harness.hash !== portable.hash)
      throw new Error(`the harness loads as ${harness.hash} and not as ${portable.hash}`);
    harnesses.set(portable.hash, harness);
  }
  const { id, ...rest } = job;
  const spec = { ...rest, suite, models, harness };
  if (keyOf(spec) !== id) throw new Error("the recipe makes another suite or other models");
  return runRollout(spec);
}

/** A thread that loops for ever does not see that the pool is gone: another one looks after it. */
function dieWithPool(): void {
  const watch = `
    const pool = process.ppid;
    setInterval(() => {
      if (process.ppid !== pool) process.kill(process.pid, "SIGKILL");
    }, ${BEAT_EVERY});`;
  new Worker(watch, { eval: true, execArgv: [] }).unref();
}

async function answer(message: ToWorker): Promise<FromWorker> {
  try {
    if (message.t === "open") {
      workshop = await openWorkshop(message.recipe, message.phaseFile);
      return { t: "ready" };
    }
    return { t: "played", record: await play(workshop!, message.job, message.harness) };
  } catch (thrown) {
    return { t: "unfit", problem: messageOf(thrown) };
  }
}

dieWithPool();
setInterval(() => tell({ t: "beat" }), BEAT_EVERY);
// Ctrl+C in a terminal reaches every process of the group: when to stop is the pool's decision.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit(0));
process.on("message", (message: ToWorker) => void answer(message).then(tell));

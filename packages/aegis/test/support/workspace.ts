import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineHarness } from "@harnessx/core";
import type { SuiteTask, TaskSplit } from "@harnessx/core/plugin";
import {
  createRolloutPool,
  digestRollouts,
  type Digest,
  type RolloutRecord,
} from "../../src/index.ts";
import { forgetfulModel, keyWorld } from "./key-world.ts";

/** A folder with a bare harness for the key world. */
export async function keyWorkspace(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "aegis-"));
  await writeFile(
    join(dir, "harness.json"),
    JSON.stringify({ name: "k", version: "1", limits: { maxSteps: 9 } }),
  );
  return dir;
}

export interface Recorded {
  readonly dir: string;
  readonly tasks: readonly SuiteTask[];
  readonly records: readonly RolloutRecord[];
  readonly digest: Digest;
  readonly harness: Awaited<ReturnType<typeof defineHarness>>;
}

/** Traces of the forgetful model in the key world, and their digest. */
export async function recordKeyWorld(split: TaskSplit = "train"): Promise<Recorded> {
  const dir = await keyWorkspace();
  const suite = keyWorld({ tasks: 48 });
  const harness = await defineHarness({ name: "k", limits: { maxSteps: 9 } });
  const tasks = (suite.tasks() as SuiteTask[]).filter((task) => task.split === split);
  const models = { main: forgetfulModel() };
  const specs = [0, 1].flatMap((repetition) =>
    tasks.map((task) => ({
      suite,
      task,
      harness,
      models,
      seed: 1,
      repetition,
      traceDir: join(dir, "traces"),
    })),
  );
  const records = await createRolloutPool().run(specs);
  return { dir, tasks, records, digest: await digestRollouts(records, tasks), harness };
}

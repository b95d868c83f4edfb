import { readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { evolve, JOURNAL } from "../src/index.ts";
import { forgetfulModel, keyWorld } from "./support/key-world.ts";
import { keyWorkspace } from "./support/workspace.ts";

/** Rollouts that a workspace has recorded, each once. */
function countRollouts(folder: string): number {
  const lines = readFileSync(join(folder, ".harnessx/evolution/rollouts.jsonl"), "utf8").trim();
  return new Set(lines.split("\n").map((line) => (JSON.parse(line) as { id: string }).id)).size;
}

it("goes on with a run that was cut off, to the same journal, and plays no rollout twice", async () => {
  const dir = await keyWorkspace();
  const report = await evolve({
    dir,
    suite: keyWorld({ tasks: 96 }),
    models: { main: forgetfulModel() },
    rounds: 1,
    seed: 1,
    sealedTasks: "all",
  });
  const other = await keyWorkspace();
  let plays = 0;
  const suite = keyWorld({ tasks: 96 });
  const run = (rollouts: number) => {
    const cut = new AbortController();
    return evolve({
      dir: other,
      suite: {
        ...suite,
        open: (id, given) => {
          plays += 1;
          if (plays > rollouts) cut.abort();
          return suite.open(id, given);
        },
      },
      models: { main: forgetfulModel() },
      rounds: 1,
      seed: 1,
      sealedTasks: "all",
      concurrency: 1,
      signal: cut.signal,
    });
  };
  for (const rollouts of [10, 160, 700])
    await expect(run(rollouts)).rejects.toMatchObject({ code: "HX_ROLLOUT_ABORTED" });
  const different = evolve({
    dir: other,
    suite,
    models: { main: forgetfulModel() },
    rounds: 2,
    seed: 1,
  });
  await expect(different).rejects.toMatchObject({ code: "HX_AEGIS_RUN_UNFINISHED" });
  const resumed = await run(Infinity);
  const text = (folder: string) => readFile(join(folder, JOURNAL), "utf8");
  expect(await text(other)).toBe(await text(dir));
  expect(resumed.after).toBe(report.after);
  expect(resumed.rollouts).toBe(report.rollouts);
  // What was cut off in the middle is played again, and nothing else.
  expect(plays).toBe(countRollouts(dir) + 3);
  for (const one of [dir, other]) await rm(one, { recursive: true, force: true });
});

import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRandom } from "../src/index.ts";
import { evolveFor, expectConsistent, hasEnded, journalOf, rolloutIds } from "./support/killing.ts";
import { keyWorkspace } from "./support/workspace.ts";

const KILLS = 50;

const dirs: string[] = [];
let undisturbed: string;
let duration: number;
beforeAll(async () => {
  const dir = await keyWorkspace();
  dirs.push(dir);
  const started = performance.now();
  expect(await evolveFor(dir, Infinity)).toBe(true);
  duration = performance.now() - started;
  undisturbed = await journalOf(dir);
}, 120_000);
afterAll(() => Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true }))));

it(`ends with the same journal after ${KILLS} kills at random moments, and plays no rollout twice`, async () => {
  const random = createRandom("kills");
  let kills = 0;
  let finished = 0;
  while (kills < KILLS) {
    const dir = await keyWorkspace();
    dirs.push(dir);
    for (let done = false; !done;) {
      // Enough kills: the last run may end.
      done = await evolveFor(dir, kills < KILLS ? random.next() * duration : Infinity);
      if (!done) kills += 1;
      await expectConsistent(dir);
      // Killed when all was done: another start would begin another run.
      done ||= await hasEnded(dir);
    }
    finished += 1;
    expect(await journalOf(dir)).toBe(undisturbed);
    const ids = await rolloutIds(dir);
    expect(new Set(ids).size).toBe(ids.length);
  }
  expect(finished).toBeGreaterThan(0);
}, 3_000_000);

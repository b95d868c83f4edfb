/**
 * The digester on real data: 500 episodes that a language model played in WebShop, recorded by
 * others. Every count is made a second time here, from the recordings themselves.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { streamTrace } from "@harnessx/core";
import { describe, expect, it } from "vitest";
import {
  checkEvidence,
  digestRollouts,
  digestSchema,
  evidenceOf,
  longestWalk,
  readEpisode,
} from "../src/index.ts";
import { mineReference } from "../src/mine/references.ts";
import { checkArtefact } from "../src/schema.ts";
import { convert, hasWebshop, readEpisodes, why, type WebshopEpisode } from "./support/webshop.ts";

/** What the agent did and was answered, without its thoughts. */
const actionsOf = ({ steps }: WebshopEpisode) =>
  steps.filter(({ action }) => action !== "reset" && !action.startsWith("think["));

/** Whether an action lists or goes on, by its wording alone. */
const goesOn = (action: string): boolean =>
  action.startsWith("search[") || /^click\[(?:Next >|< Prev|(?:< )?Back to Search)\]$/.test(action);

/** The longest row of such actions, each answered otherwise than the one before. */
function rowOf(episode: WebshopEpisode): number {
  let longest = 0;
  let row: string[] = [];
  for (const { action, observation } of actionsOf(episode)) {
    if (!goesOn(action)) row = [];
    else if (row.at(-1) !== observation) row = [...row, observation];
    longest = Math.max(longest, row.length);
  }
  return longest;
}

/** How often the commonest pair of action and answer occurs. */
function mostRepeated(episode: WebshopEpisode): number {
  const pairs = actionsOf(episode).map(({ action, observation }) => `${action}\n${observation}`);
  return Math.max(0, ...pairs.map((pair) => pairs.filter((other) => other === pair).length));
}

describe.skipIf(!hasWebshop)(`WebShop recordings${why}`, () => {
  it("are digested: rewards, near matches, repetition and rows of moves as they were recorded", async () => {
    const dir = await mkdtemp(join(tmpdir(), "aegis-webshop-"));
    const recorded = readEpisodes();
    const failed = recorded.filter(({ success }) => !success);
    const passed = recorded.filter(({ success }) => success);
    const { records, tasks } = await convert(recorded, dir);
    const digest = await digestRollouts(records, tasks);
    checkArtefact("digest", digestSchema, digest);
    await checkEvidence(evidenceOf(digest), (trace) => streamTrace(join(dir, `${trace}.jsonl`)));

    // Success is rarer than reward: most failures are purchases that fit in part.
    expect(digest.rollouts).toEqual({ pass: passed.length, fail: failed.length, infra: 0 });
    expect([passed.length, failed.length]).toEqual([179, 321]);
    const near = failed.filter(({ reward }) => reward > 0);
    const mean = (rewards: readonly number[]): number =>
      rewards.reduce((sum, one) => sum + one, 0) / rewards.length;
    expect(digest.mined.reward!.partial.rollouts).toBe(near.length);
    expect(near.length).toBe(265);
    expect(digest.mined.reward!.partial.mean).toBeCloseTo(mean(near.map(({ reward }) => reward)));
    expect(digest.mined.reward!.mean).toBeCloseTo(mean(recorded.map(({ reward }) => reward)));
    expect(digest.exits).toEqual({
      done: recorded.filter(({ bought }) => bought !== null).length,
      budget_steps: recorded.filter(({ bought }) => bought === null).length,
    });

    // Repetition tells failures from successes, navigation alone does not: too few did it.
    const { repetition, navigation } = digest.mined;
    const share = (group: readonly WebshopEpisode[], times: number): number =>
      group.filter((episode) => mostRepeated(episode) > times).length / group.length;
    expect(repetition!.beyond.failing).toBeCloseTo(share(failed, repetition!.tolerated));
    expect(repetition!.beyond.passing).toBeCloseTo(share(passed, repetition!.tolerated));
    expect(navigation).toBeUndefined();

    const read = await Promise.all(records.map((record) => readEpisode(record)));
    const episodes = read.flatMap((episode) => (episode ? [episode] : []));
    const rows = episodes.map((episode) => longestWalk(episode, ["search", "next", "back"]).length);
    expect(rows).toEqual(recorded.map(rowOf));
    const long = (group: readonly WebshopEpisode[]): number =>
      group.filter((episode) => rowOf(episode) > 1).length;
    expect([long(failed), long(passed)]).toEqual([5, 0]);

    // How items are called is found in the recordings, and by whom they are opened.
    const reference = mineReference(episodes)!;
    expect(reference).toMatchObject({ tool: "open", argument: "item" });
    const pattern = new RegExp(`^${reference.pattern}$`);
    const opened = recorded.flatMap((episode) =>
      actionsOf(episode).flatMap(
        ({ action }) => /^click\[([A-Z0-9]{10})\]$/.exec(action)?.[1] ?? [],
      ),
    );
    expect(opened.filter((item) => pattern.test(item)).length).toBeGreaterThan(
      opened.length * 0.95,
    );
    await rm(dir, { recursive: true, force: true });
  });
});

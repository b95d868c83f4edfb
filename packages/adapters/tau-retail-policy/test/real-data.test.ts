import { readFileSync } from "node:fs";
import { join } from "node:path";
import tauRetail from "@harnessx/adapter-tau-retail";
import { describe, expect, test } from "vitest";
import { callsOf, passedOf, play } from "./play.ts";
import { folder, hasData, why } from "./real-data.ts";

interface Reference {
  readonly tasks: readonly {
    readonly gold_actions: readonly { name: string; arguments: object; ok: boolean }[];
  }[];
}

describe.skipIf(!hasData)(`the data of tau retail${why}`, () => {
  test("gold without faults makes upstream's calls and passes all 74 tasks", async () => {
    const suite = await tauRetail.create({ data: folder }, { root: "." });
    const tasks = await suite.tasks();
    const { tasks: reference } = JSON.parse(
      readFileSync(join(folder, "reference", "gold-replay.train.json"), "utf8"),
    ) as Reference;
    const played = await play(suite, tasks);
    expect(passedOf(played)).toBe(74);
    for (const [index, one] of played.entries()) {
      // The audit compares the final records with those that upstream's own tools left.
      expect(one).toMatchObject({ passed: true, score: 1, audit: true });
      expect(callsOf(one), tasks[index]!.text).toEqual(
        reference[index]!.gold_actions.map(({ name, arguments: input, ok }) => ({
          name,
          input,
          status: ok ? "ok" : "error",
        })),
      );
    }
  });
});

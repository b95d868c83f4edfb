import { describe, expect, test } from "vitest";
import { arms, hasData, playArm, why } from "./intercode.ts";

describe.skipIf(!hasData)(`recorded runs of InterCode-SQL, live, all tasks${why}`, () => {
  test("agree with the record", async () => {
    const table: Record<string, object> = {};
    for (const arm of Object.keys(arms) as (keyof typeof arms)[]) {
      const tally = await playArm(arm, 1);
      table[arm] = { ...tally, agreement: `${(100 * tally.agreement).toFixed(1)} %` };
      expect(tally.tasks).toBe(553);
      expect(tally.agreement, arm).toBeGreaterThanOrEqual(arms[arm].floor);
    }
    console.table(table);
  });
});

import tauRetail from "@harnessx/adapter-tau-retail";
import { describe, expect, test } from "vitest";
import { repairs } from "./aids.ts";
import { passedOf, play } from "./play.ts";
import { folder, hasData, why } from "./real-data.ts";

describe.skipIf(!hasData)(`the data of tau retail${why}`, () => {
  test.each([
    ["malformedId", 8],
    ["duplicatedWrite", 39],
    ["earlyStop", 7],
    ["droppedRequest", 42],
    ["ignoredPolicy", 53],
  ] as const)(
    "%s everywhere leaves %i of 74, and its repair brings all back",
    async (fault, left) => {
      const suite = await tauRetail.create({ data: folder }, { root: "." });
      const tasks = await suite.tasks();
      const options = { faults: { [fault]: 1 } };
      expect(passedOf(await play(suite, tasks, options))).toBe(left);
      expect(passedOf(await play(suite, tasks, options, [repairs[fault]]))).toBe(74);
    },
  );
});

import { describe, expect, it } from "vitest";
import { verificationChecks } from "../../src/verify/report.ts";
import { benign } from "./benign.ts";
import { hostile } from "./hostile.ts";
import { expectFurtherWithout, expectPassed, expectRefused } from "./table.ts";

describe("planted hostile packages", () => {
  it.each(hostile)("$name is refused by $check alone", async (one) => {
    await expectRefused(one);
    await expectFurtherWithout(one);
  });

  it("plant something for every check but the build, which repeats the source policy", () => {
    const planted = new Set(hostile.map(({ check }) => check));
    expect(verificationChecks.filter((check) => !planted.has(check))).toEqual(["build"]);
  });
});

describe("benign look-alikes", () => {
  it.each(benign)("$name passes", expectPassed);
});

import { expect, test } from "vitest";
import { conformance, REVISIONS } from "../conformance/run.mjs";

test.each(REVISIONS)(
  "the official conformance suite finds nothing against %s",
  async (revision) => {
    const { code, output } = await conformance(revision);
    expect(output).toContain("SUITE SUMMARY");
    expect(code, output.slice(output.indexOf("SUITE SUMMARY"))).toBe(0);
  },
);

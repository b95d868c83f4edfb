import { expect, test } from "vitest";
// @ts-expect-error It is a script, without types.
import { conformance, REVISIONS } from "../conformance/run.mjs";

test.each(REVISIONS as readonly string[])(
  "the official suite for %s passes but for what is listed",
  async (revision) => {
    const { code, output } = (await conformance(revision)) as { code: number; output: string };
    expect(code, output.slice(-4_000)).toBe(0);
    expect(output).toContain("Total: ");
  },
);

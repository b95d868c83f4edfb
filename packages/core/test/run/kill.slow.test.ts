import { expect, test } from "vitest";
import { killAndResume } from "./kill.ts";

test(
  "a hundred kills at random moments lose nothing and repeat nothing",
  { timeout: 900_000 },
  async () => {
    const report = await killAndResume(100, 2);
    expect(report).toMatchObject({ repeated: [], different: [] });
    expect(report.kills).toBeGreaterThanOrEqual(100);
  },
);

import { expect, test } from "vitest";
import { killAndResume } from "./kill.ts";

test(
  "runs that are killed with kill -9 resume to the same end and repeat no recorded tool call",
  { timeout: 120_000 },
  async () => {
    const report = await killAndResume(4, 1);
    expect(report).toMatchObject({ repeated: [], different: [] });
    expect(report.kills).toBeGreaterThanOrEqual(4);
  },
);

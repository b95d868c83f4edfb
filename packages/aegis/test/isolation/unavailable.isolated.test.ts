import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createProcessIsolation } from "../../src/isolation/index.ts";
import { packageWith } from "./world.ts";

const path = process.env["PATH"];
afterAll(() => void (process.env["PATH"] = path));

it("the process tier opens nothing where its programs are missing", async () => {
  process.env["PATH"] = "/nowhere";
  const isolation = createProcessIsolation();
  expect((await isolation.probe()).ok).toBe(false);
  const dir = join(await packageWith(""), "subject");
  await expect(isolation.open({ id: "subject", dir })).rejects.toMatchObject({
    code: "HX_ISOLATION_UNAVAILABLE",
  });
  await isolation.dispose();
});

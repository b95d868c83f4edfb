import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hx, scratch } from "./run-hx.ts";

interface Check {
  readonly name: string;
  readonly state: string;
  readonly hint?: string;
}

const checksOf = (report: { readonly checks: readonly Check[] }): Record<string, Check> =>
  Object.fromEntries(report.checks.map((check) => [check.name, check]));

test("everything that is installed loads; data that is not there is a warning", async () => {
  const dir = await scratch();
  const outcome = await hx(dir, ["doctor", "--json"]);
  const checks = checksOf(outcome.json());
  expect(checks["node"]!.state).toBe("ok");
  expect(checks["processor-hello"]!.state).toBe("ok");
  expect(checks["adapter-household"]!.state).toBe("ok");
  expect(checks["data"]).toMatchObject({
    state: "warn",
    hint: expect.stringContaining("HARNESSX_DATA"),
  });
  expect(outcome.exit).toBe(outcome.json().failed > 0 ? 1 : 0);
});

test("finds ALFWorld games", async () => {
  const dir = await scratch();
  await mkdir(join(dir, "data/alfworld/games"), { recursive: true });
  for (const name of ["evolve_train", "evolve_val", "valid_train", "valid_seen"]) {
    await writeFile(join(dir, `data/alfworld/games/${name}.jsonl`), "");
  }
  const outcome = await hx(dir, ["doctor", "--json"], { env: { HARNESSX_DATA: "data" } });
  expect(checksOf(outcome.json())["data"]).toMatchObject({ state: "ok" });
});

test("a harness that does not load is a failure with its hint", async () => {
  const dir = await scratch();
  await writeFile(
    join(dir, "harness.json"),
    '{"name":"x","version":"1","processors":[{"id":"a","use":"harnessx-processor-gone"}]}',
  );
  const { exit, stdout } = await hx(dir, ["doctor"]);
  expect(exit).toBe(1);
  expect(stdout).toMatch(/^fail {2}harness\.json +HX_PLUGIN_NOT_FOUND/m);
  expect(stdout).toContain("npm install");
});

test("the state of the lock is told", async () => {
  const dir = await scratch();
  await writeFile(
    join(dir, "harness.json"),
    '{"name":"x","version":"1","processors":[{"id":"hello","use":"@harnessx/processor-hello"}]}',
  );
  expect(checksOf((await hx(dir, ["doctor", "--json"])).json())["harness.lock.json"]!.state).toBe(
    "warn",
  );
  await hx(dir, ["plugin", "add", "hello"]);
  expect(checksOf((await hx(dir, ["doctor", "--json"])).json())["harness.lock.json"]!.state).toBe(
    "ok",
  );
});

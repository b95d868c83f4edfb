import { spawnSync } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  JOURNAL,
  plan,
  propose,
  readJournal,
  recoverInstall,
  verifyPackage,
} from "../src/index.ts";
import { stateOf } from "./support/installing.ts";
import { recordKeyWorld } from "./support/workspace.ts";

const child = fileURLToPath(new URL("support/install-child.ts", import.meta.url));
let origin: string;
beforeAll(async () => {
  const { dir, digest, harness } = await recordKeyWorld();
  const context = {
    round: 1,
    parent: harness.hash,
    manifest: harness.manifest,
    catalogue: [],
    options: {},
    exclude: new Set<string>(),
  };
  const [candidate] = propose(digest, plan(digest, harness.manifest, [], 1), context);
  await verifyPackage(candidate!.packages[0]!, { dir });
  await rm(join(dir, "traces"), { recursive: true });
  origin = dir;
});
afterAll(() => rm(origin, { recursive: true, force: true }));

it("is all or nothing, wherever the process is killed", async () => {
  const states: string[] = [];
  for (let at = 1; ; at += 1) {
    const dir = await mkdtemp(join(tmpdir(), "aegis-kill-"));
    await cp(origin, dir, { recursive: true });
    const run = spawnSync(
      process.execPath,
      ["--conditions=@harnessx/source", "--import", "tsx", child, dir, String(at)],
      { encoding: "utf8" },
    );
    const killed = run.signal === "SIGKILL";
    if (!killed) expect(run.stderr + run.stdout).toContain("installed");
    const recovery = await recoverInstall(dir);
    const state = await stateOf(dir);
    const begun = readJournal(join(dir, JOURNAL)).some(({ t }) => t === "install");
    // Before the intent is on the disk nothing has happened; from there on the verdict stands.
    expect({ at, state }).toEqual({ at, state: begun ? "after" : "before" });
    expect(recovery === "undone").toBe(false);
    expect(await recoverInstall(dir)).toBe("nothing");
    states.push(`${state} ${recovery}`);
    await rm(dir, { recursive: true, force: true });
    if (!killed) break;
    expect(at).toBeLessThan(100);
  }
  expect(states.length).toBeGreaterThan(12);
  expect(new Set(states)).toEqual(new Set(["before nothing", "after completed", "after nothing"]));
});

import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requestApproval, usePath } from "@harnessx/aegis";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { evolveRollbackCommand } from "../src/commands/evolve-rollback.ts";
import { noLines } from "../src/io.ts";
import { Session } from "../src/session.ts";
import { installWorld, packageOf, present, ship } from "./install-world.ts";
import { hx as runHx, type Outcome } from "./run-hx.ts";

const [first, second] = [packageOf(1), packageOf(2, { net: ["wiki.example"] })];
let keys: string;
let dir: string;
let versions: string[];
beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), "hx-keys-"));
});
afterAll(() => rm(keys, { recursive: true, force: true }));
beforeEach(async () => {
  dir = await installWorld([first, second]);
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  versions = [(await present(dir)).hash];
  versions.push(await ship(dir, first, "verdict-1", keys));
  versions.push(await ship(dir, second, "verdict-2", keys));
});

const env = () => ({ HARNESSX_KEYS: keys, USER: "ann" });
const hx = (...argv: string[]): Promise<Outcome> => runHx(dir, argv, { env: env() });

/** Rolls back, as `hx evolve rollback` does. */
async function goBack(...argv: string[]): Promise<{ readonly json: any; readonly text: string }> {
  let text = "";
  const session = new Session({
    stdout: { write: (more: string) => ((text += more), true) },
    stderr: { write: () => true },
    env: env(),
    cwd: dir,
    interactive: false,
    ask: () => Promise.resolve(""),
    lines: noLines,
    onInterrupt: () => () => undefined,
  });
  await evolveRollbackCommand(session).parseAsync(argv, { from: "user" });
  return { text, json: argv.includes("--json") ? JSON.parse(text) : undefined };
}

/** Changes what was built of a package; it would say so if somebody ran it. */
async function tamper(use: string): Promise<void> {
  const path = join(dir, use, "dist/index.js");
  await chmod(path, 0o644);
  await writeFile(path, `throw new Error("it ran");\n`);
}

describe("evolve rollback", () => {
  test("goes to the parent, and with a number or hash anywhere", async () => {
    const { json } = await goBack("--json");
    expect(json).toMatchObject({
      from: versions[2],
      to: versions[1],
      undone: ["verdict-2"],
      removed: ["evolved-2"],
      dryRun: false,
    });
    expect((await present(dir)).hash).toBe(versions[1]);
    await goBack(versions[0]!.slice(7, 19));
    expect((await present(dir)).hash).toBe(versions[0]);
    const { text } = await goBack("2");
    expect(text).toContain("generation 2");
    expect((await present(dir)).hash).toBe(versions[2]);
  });

  test("changes nothing in a dry run, and refuses what is not there", async () => {
    const { json } = await goBack("0", "--dry-run", "--json");
    expect(json).toMatchObject({ to: versions[0], dryRun: true });
    expect((await present(dir)).hash).toBe(versions[2]);
    await expect(goBack("9")).rejects.toMatchObject({ code: "HX_AEGIS_GENERATION_MISSING" });
  });
});

describe("plugin verify", () => {
  test("shows every check of every generated entry", async () => {
    const { exit, stdout } = await hx("plugin", "verify");
    expect(exit).toBe(0);
    for (const check of ["package", "attestation", "digest", "lock", "tier"])
      expect(stdout).toContain(`evolved-1 ${check}`);
  });

  test("names the changed file without running it, and --repair goes back", async () => {
    await tamper(usePath(second));
    const verified = await hx("plugin", "verify", "--json");
    expect(verified.exit).toBe(1);
    const failed = verified.json().checks.filter((check: any) => check.state === "fail");
    expect(failed.map((check: any) => check.name)).toContain("evolved-2 digest");
    expect(verified.stdout).toContain("changed after it was signed: dist/index.js");
    expect(verified.stdout).not.toContain("it ran");
    const repaired = await hx("plugin", "verify", "--repair");
    expect(repaired.exit).toBe(0);
    expect(repaired.stdout).toContain("verdict-2");
    expect((await present(dir)).hash).toBe(versions[1]);
    expect((await hx("plugin", "verify", "--repair")).stderr).toContain(
      "Nothing was to be repaired",
    );
  });

  test("does not take a key that is not trusted here for damage", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "hx-keys-"));
    onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
    const { exit, stdout } = await runHx(dir, ["plugin", "verify"], {
      env: { HARNESSX_KEYS: elsewhere },
    });
    expect(exit).toBe(1);
    expect(stdout).toMatch(/key [0-9a-f]{12} is not trusted/);
  });
});

describe("plugin approve", () => {
  const growth = [{ entry: "evolved-2", capability: "net:wiki.example" }];

  test("lists what waits, grants it, and says who did", async () => {
    expect((await hx("plugin", "approve")).stdout).toContain("Nothing waits");
    await requestApproval(dir, { candidate: "c0ffee", growth, why: "pages time out" });
    const listed = await hx("plugin", "approve");
    expect(listed.stdout).toContain("c0ffee");
    expect(listed.stdout).toContain("net:wiki.example  for evolved-2");
    const granted = await hx("plugin", "approve", "c0ffee", "--json");
    expect([granted.exit, granted.json()]).toEqual([
      0,
      { id: "c0ffee", kind: "candidate", growth, who: "ann" },
    ]);
    const journal = await readFile(join(dir, ".harnessx/evolution/journal.jsonl"), "utf8");
    expect(journal).toContain('"t":"human","who":"ann"');
    expect((await hx("plugin", "approve", "--json")).json()).toEqual({ pending: [] });
  });

  test("knows nothing else", async () => {
    const refused = await hx("plugin", "approve", "nobody", "--json");
    expect([refused.exit, refused.json().code]).toEqual([3, "HX_AEGIS_APPROVAL_UNKNOWN"]);
  });
});

import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  JOURNAL,
  listGenerations,
  openJournal,
  planRollback,
  recoverInstall,
  repairWorkspace,
  requireWorkspace,
  rollback,
  rolledBackOperators,
  usePath,
  variantsOf,
  type JournalEvent,
} from "../../src/index.ts";
import {
  disagreements,
  installWorld,
  makeFolder,
  packageOf,
  present,
  ship,
  standing,
} from "../support/install-world.ts";

const [first, second] = [packageOf(1), packageOf(2)];
let keys: string;
let dir: string;
/** Hashes of the harness at the beginning and after each ship. */
let versions: string[];
beforeAll(async () => {
  keys = await makeFolder("keys");
  process.env["HARNESSX_KEYS"] = keys;
});
beforeEach(async () => {
  dir = await installWorld([first, second]);
  versions = [(await present(dir)).hash];
  versions.push(await ship(dir, first, "verdict-1"));
  versions.push(await ship(dir, second, "verdict-2"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));
afterAll(() => rm(keys, { recursive: true, force: true }));

const journal = () => openJournal(join(dir, JOURNAL));
const last = (): JournalEvent => journal().events.at(-1)!;
const hashNow = async (): Promise<string> => (await present(dir)).hash;

describe("rollback", () => {
  it("goes back to the parent, exactly, and says which verdict no longer stands", async () => {
    const plan = await rollback({ dir, journal: journal() });
    expect(plan).toEqual({
      from: versions[2],
      to: versions[1],
      generation: 1,
      undone: ["verdict-2"],
      removed: ["evolved-2"],
      added: [],
      changed: [],
    });
    expect(await hashNow()).toBe(versions[1]);
    expect(last()).toMatchObject({
      t: "rollback",
      version: versions[1],
      parents: [versions[2]],
      undone: ["verdict-2"],
    });
    expect(await disagreements(dir, true)).toEqual([]);
  });

  it.each([
    ["a number", () => 0],
    ["a number as text", () => "0"],
    ["a hash", () => versions[0]!],
    ["the beginning of a hash", () => versions[0]!.slice(7, 15)],
  ])("takes %s", async (_what, to) => {
    const { undone } = await rollback({ dir, to: to(), journal: journal() });
    expect(undone).toEqual(["verdict-2", "verdict-1"]);
    expect(await hashNow()).toBe(versions[0]);
    expect(await disagreements(dir, true)).toEqual([]);
  });

  it("comes forward again, and a ship after it gets the next number", async () => {
    await rollback({ dir, to: 0, journal: journal() });
    expect((await rollback({ dir, to: 2, journal: journal() })).undone).toEqual([]);
    expect(await hashNow()).toBe(versions[2]);
    await rollback({ dir, to: 0, journal: journal() });
    await ship(dir, second, "verdict-3");
    expect((await listGenerations(dir)).map(({ generation }) => generation)).toEqual([0, 1, 2, 3]);
    expect(await disagreements(dir, true)).toEqual([]);
    // The parent is where it came from, and not the number before.
    await rollback({ dir, journal: journal() });
    expect(await hashNow()).toBe(versions[0]);
  });

  it("is a plan only until it is carried out", async () => {
    const before = await readFile(join(dir, JOURNAL), "utf8");
    expect((await planRollback({ dir, journal: journal() })).to).toBe(versions[1]);
    expect(await readFile(join(dir, JOURNAL), "utf8")).toBe(before);
    expect(await hashNow()).toBe(versions[2]);
  });

  it("refuses when nothing led to the present harness, and what does not exist", async () => {
    await rollback({ dir, to: 0, journal: journal() });
    await expect(rollback({ dir, journal: journal() })).rejects.toMatchObject({
      code: "HX_AEGIS_ROLLBACK_IMPOSSIBLE",
    });
    for (const to of [
      7,
      "7",
      "abcdef",
      `sha256-${"0".repeat(64)}`,
      versions[1]!.slice(0, -1) + "x",
    ])
      await expect(rollback({ dir, to, journal: journal() })).rejects.toMatchObject({
        code: "HX_AEGIS_GENERATION_MISSING",
      });
    expect(await hashNow()).toBe(versions[0]);
  });

  it.each(["src/index.ts", "dist/index.js", "README.md"])(
    "refuses when %s of a package that would stand was changed",
    async (name) => {
      const path = join(dir, usePath(first), name);
      const text = await readFile(path, "utf8");
      await rm(path);
      await writeFile(path, `${text} `);
      await expect(rollback({ dir, to: 1, journal: journal() })).rejects.toMatchObject({
        code: "HX_AEGIS_STORE_CORRUPT",
      });
      expect(last().t).toBe("ship");
      // Where that package is not needed, the way is free.
      await rollback({ dir, to: 0, journal: journal() });
      expect(await hashNow()).toBe(versions[0]);
    },
  );

  it.each(["harness.json", "harness.lock.json", "signature.json"])(
    "refuses a generation of which %s was changed by one byte",
    async (name) => {
      const { path } = (await listGenerations(dir))[1]!;
      await appendFile(join(dir, path, name), name === "signature.json" ? "x" : "\n");
      await expect(rollback({ dir, to: 1, journal: journal() })).rejects.toMatchObject({
        code: "HX_AEGIS_GENERATION_CORRUPT",
      });
      expect(await hashNow()).toBe(versions[2]);
    },
  );

  it("refuses a generation that lies under another one's number", async () => {
    const { path } = (await listGenerations(dir))[1]!;
    const { rename } = await import("node:fs/promises");
    await rename(join(dir, path), join(dir, path.replace("/1-", "/5-")));
    await expect(rollback({ dir, to: 5, journal: journal() })).rejects.toMatchObject({
      code: "HX_AEGIS_GENERATION_CORRUPT",
    });
  });

  it("is completed when it was cut off", async () => {
    await rollback({ dir, journal: journal() });
    const lines = (await readFile(join(dir, JOURNAL), "utf8")).split("\n").slice(0, -2);
    await writeFile(join(dir, JOURNAL), `${lines.join("\n")}\n`);
    expect(last().t).toBe("install");
    expect(await recoverInstall(dir)).toBe("completed");
    expect(last()).toMatchObject({ t: "rollback", undone: ["verdict-2"] });
    expect(await disagreements(dir, true)).toEqual([]);
  });

  it("is what variants and the search go by", async () => {
    const file = journal();
    file.append({
      t: "certify",
      id: "verdict-2",
      variant: "main",
      candidates: ["c2"],
      policy: {},
      tasks: [],
      context: {},
    });
    file.append({
      t: "proposed",
      round: 1,
      candidate: { id: "c2", operator: "insert x" } as never,
    });
    expect([...rolledBackOperators(file.events)]).toEqual([]);
    await rollback({ dir, journal: file });
    expect([...rolledBackOperators(file.events)]).toEqual(["insert x"]);
    expect(variantsOf(file.events).map(({ version }) => version)).toEqual([versions[1]]);
  });
});

describe("repairWorkspace", () => {
  it("leaves alone what holds", async () => {
    expect(await repairWorkspace({ dir, journal: journal() })).toBeUndefined();
  });

  it("goes to the nearest generation that holds, with the damaged package in quarantine", async () => {
    const path = join(dir, usePath(second), "dist/index.js");
    await rm(path);
    await writeFile(path, "export default 1;\n");
    const plan = await repairWorkspace({ dir, journal: journal() });
    expect(plan).toMatchObject({ to: versions[1], undone: ["verdict-2"] });
    expect(journal().events.slice(-3)).toMatchObject([
      { t: "quarantine", entry: "evolved-2" },
      { t: "install" },
      { t: "rollback" },
    ]);
    expect(await standing(dir)).toEqual(["evolved-1"]);
    // The generation whose package is in quarantine is the only thing that no longer holds.
    const broken = await disagreements(dir, true);
    expect(broken).toEqual([expect.stringMatching(/^\.harnessx\/generations\/2-.*evolved-2/)]);
  });

  it.each([
    ["a lock that was changed", "harness.lock.json", '"decidedBy": "human"'],
    ["a lock that is no lock", "harness.lock.json", undefined],
    ["a manifest that is no manifest", "harness.json", undefined],
  ])("puts back %s", async (_what, name, by) => {
    const path = join(dir, name);
    const text = await readFile(path, "utf8");
    await writeFile(path, by ? text.replace(/"decidedBy": "verdict-1"/, by) : "{");
    const plan = await repairWorkspace({ dir, journal: journal() });
    expect(plan).toMatchObject({ to: versions[2], undone: [] });
    expect(await readFile(path, "utf8")).toBe(text);
    expect(await disagreements(dir, true)).toEqual([]);
    expect(await requireWorkspace(dir, journal())).toMatchObject({ ok: true });
  });

  it("says why no generation will do", async () => {
    await rm(join(dir, ".harnessx/generations"), { recursive: true });
    await rm(join(dir, ".harnessx/attestations"), { recursive: true });
    await expect(repairWorkspace({ dir, journal: journal() })).rejects.toMatchObject({
      code: "HX_AEGIS_ROLLBACK_IMPOSSIBLE",
    });
  });
});

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadHarness, readManifest } from "@harnessx/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  install,
  JOURNAL,
  listGenerations,
  loadGeneration,
  openJournal,
  recoverInstall,
  redrive,
  STORE,
  usePath,
  verifyWorkspace,
  withoutCode,
  type JournalEvent,
} from "../../src/index.ts";
import {
  disagreements,
  installWorld,
  makeFolder,
  packageOf,
  present,
  reportOf,
  requestFor,
  ship,
  standing,
} from "../support/install-world.ts";

const [first, second] = [packageOf(1), packageOf(2)];
const tools = packageOf(3, { net: ["wiki.example"] });
let keys: string;
let dir: string;
beforeAll(async () => {
  keys = await makeFolder("keys");
  process.env["HARNESSX_KEYS"] = keys;
});
beforeEach(async () => {
  dir = await installWorld([first, second, tools]);
});
afterEach(() => rm(dir, { recursive: true, force: true }));
afterAll(() => rm(keys, { recursive: true, force: true }));

const journal = () => openJournal(join(dir, JOURNAL));
const kinds = (): JournalEvent["t"][] => journal().events.map(({ t }) => t);
const file = (name: string): string => join(dir, name);
const json = async (name: string) => JSON.parse(await readFile(file(name), "utf8"));

describe("install", () => {
  it("changes manifest and lock together, keeps both generations and says so in the journal", async () => {
    const { hash: before } = await present(dir);
    const hash = await ship(dir, first, "verdict-1");
    expect((await loadHarness(file("harness.json"))).hash).toBe(hash);
    expect((await json("harness.lock.json")).entries["evolved-1"]).toMatchObject({
      decidedBy: "verdict-1",
      capabilities: {},
    });
    expect(journal().events).toMatchObject([
      { t: "install", intent: { parents: [before], generation: 1 } },
      { t: "ship", version: hash, parents: [before], verdict: "verdict-1" },
    ]);
    const short = (one: string): string => one.slice("sha256-".length, "sha256-".length + 12);
    expect((await listGenerations(dir)).map(({ path }) => path)).toEqual([
      `.harnessx/generations/0-${short(before)}`,
      `.harnessx/generations/1-${short(hash)}`,
    ]);
    expect(await recoverInstall(dir)).toBe("nothing");
    expect(await disagreements(dir, true)).toEqual([]);
  });

  it("keeps one generation for each version, however many ships there are", async () => {
    await ship(dir, first, "verdict-1");
    await ship(dir, second, "verdict-2");
    await ship(dir, tools, "verdict-3");
    expect((await listGenerations(dir)).map(({ generation }) => generation)).toEqual([0, 1, 2, 3]);
    expect(await verifyWorkspace(dir)).toMatchObject({ ok: true });
    expect((await json("harness.lock.json")).entries["evolved-3"].capabilities).toEqual({
      net: ["wiki.example"],
    });
    expect(await disagreements(dir, true)).toEqual([]);
  });

  it("signs for what was verified, and for nothing else", async () => {
    const other = { ...reportOf(first), digest: "0".repeat(64) };
    const failed = { ...reportOf(first), ok: false };
    await ship(dir, first, "verdict-1", { verified: [other, failed] });
    const { entries } = await verifyWorkspace(dir);
    expect(entries[0]!.checks.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual([
      "attestation",
    ]);
  });

  it("keeps what a person had installed before as decided by a person", async () => {
    await mkdir(file("mine"));
    await cp(file(usePath(second)), file("mine"), { recursive: true });
    const manifest = await readManifest(file("harness.json"));
    await writeFile(
      file("harness.json"),
      JSON.stringify({ ...manifest, processors: [{ id: "evolved", use: "./mine" }] }),
    );
    await ship(dir, first, "verdict-1");
    expect((await json("harness.lock.json")).entries).toMatchObject({
      evolved: { decidedBy: "human" },
      "evolved-1": { decidedBy: "verdict-1" },
    });
  });

  it("runs no generated code but what its caller opens", async () => {
    await rm(file(usePath(first)), { recursive: true });
    const opened: string[] = [];
    const thrower = { ...first, files: { ...first.files, "src/index.ts": "throw 1;\n" } };
    const { putIntoStore } = await import("../../src/verify/files.ts");
    await putIntoStore(dir, thrower, { "dist/index.js": `throw new Error("imported");\n` });
    await ship(dir, thrower, "verdict-1", {
      open: (plugin) => {
        opened.push(plugin.entry);
        return withoutCode(plugin);
      },
    });
    expect(opened).toEqual(["evolved-1"]);
    await expect(loadHarness(file("harness.json"))).rejects.toMatchObject({
      code: "HX_PLUGIN_IMPORT_FAILED",
    });
    expect(await disagreements(dir, true)).toEqual([]);
  });

  it("refuses what was not measured, another parent, and a manifest that has changed", async () => {
    const request = await requestFor(dir, first, "verdict-1");
    const conflict = { code: "HX_AEGIS_INSTALL_CONFLICT" };
    await expect(install({ ...request, measured: "sha256-x" })).rejects.toMatchObject(conflict);
    await expect(install({ ...request, parent: request.measured })).rejects.toMatchObject(conflict);
    await writeFile(
      file("harness.json"),
      JSON.stringify({ name: "w", version: "1", processors: [{ id: "evolved-1", use: "./x" }] }),
    );
    await expect(install(request)).rejects.toMatchObject(conflict);
    expect(kinds()).toEqual([]);
  });

  it("begins nothing when the harness that undoing leads to does not load", async () => {
    await mkdir(file("mine"));
    await cp(file(usePath(second)), file("mine"), { recursive: true });
    await writeFile(
      file("harness.json"),
      JSON.stringify({ name: "w", version: "1", processors: [{ id: "mine", use: "./mine" }] }),
    );
    const request = await requestFor(dir, first, "verdict-1");
    // The edits lead away from it, so that what is measured still loads.
    const own = { id: "mine", use: "./mine" };
    const edits = [
      ...request.edits,
      { op: "remove", section: "processors", after: "evolved-1", entry: own } as const,
    ];
    await rm(file("mine"), { recursive: true });
    await expect(install({ ...request, edits })).rejects.toThrow();
    expect(kinds()).toEqual([]);
  });

  it("refuses a package that was tampered with", async () => {
    const path = join(file(usePath(first)), "src/index.ts");
    await rm(path);
    await writeFile(path, "export default 9;\n");
    await expect(requestFor(dir, first, "v").then(install)).rejects.toMatchObject({
      code: "HX_AEGIS_STORE_CORRUPT",
    });
    expect(kinds()).toEqual([]);
  });

  it("begins nothing without a key that it can use", async () => {
    const folder = await makeFolder("badkeys");
    await writeFile(join(folder, "gate.pem"), "no key", { mode: 0o600 });
    await expect(ship(dir, first, "v", { keys: folder })).rejects.toMatchObject({
      code: "HX_AEGIS_KEY_INVALID",
    });
    expect(kinds()).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

describe("a journal that is driven again", () => {
  it("repeats an installation without touching a file", async () => {
    const request = await requestFor(dir, first, "verdict-1");
    const { hash } = await install(request);
    await ship(dir, second, "verdict-2");
    const before = await readFile(file(JOURNAL), "utf8");
    const now = await readFile(file("harness.json"), "utf8");
    const again = redrive(journal(), 0);
    expect((await install({ ...request, journal: again })).hash).toBe(hash);
    expect(again.events.map(({ t }) => t)).toEqual(["install", "ship"]);
    expect(await readFile(file(JOURNAL), "utf8")).toBe(before);
    expect(await readFile(file("harness.json"), "utf8")).toBe(now);
  });

  it.each([
    ["verdict", { verdict: "verdict-9" }],
    ["parent", { parent: "sha256-other" }],
    ["reason", { why: "worse" }],
  ])("diverges with another %s", async (_what, other) => {
    const request = await requestFor(dir, first, "verdict-1");
    await install(request);
    await expect(
      install({ ...request, ...other, journal: redrive(journal(), 0) }),
    ).rejects.toMatchObject({ code: "HX_AEGIS_JOURNAL_DIVERGED" });
  });

  it("completes an installation at which the record ends", async () => {
    const request = await requestFor(dir, first, "verdict-1");
    const { hash } = await install(request);
    const [line] = (await readFile(file(JOURNAL), "utf8")).split("\n");
    await writeFile(file(JOURNAL), `${line}\n`);
    expect((await install({ ...request, journal: redrive(journal(), 0) })).hash).toBe(hash);
    expect(kinds()).toEqual(["install", "ship"]);
    expect(await disagreements(dir, true)).toEqual([]);
  });
});

describe("loadGeneration", () => {
  it("gives exactly the harness of that hash, whatever stands now", async () => {
    const { hash: base } = await present(dir);
    const hash = await ship(dir, first, "verdict-1");
    await ship(dir, second, "verdict-2");
    for (const each of [base, hash]) expect((await loadGeneration(dir, each)).hash).toBe(each);
  });

  it("refuses an unknown hash, and what does not come to it any more", async () => {
    const hash = await ship(dir, first, "verdict-1");
    const unknown = `sha256-${"0".repeat(64)}`;
    await expect(loadGeneration(dir, unknown)).rejects.toMatchObject({
      code: "HX_AEGIS_GENERATION_MISSING",
    });
    const named = `${hash.slice(0, -1)}${hash.endsWith("0") ? "1" : "0"}`;
    const corrupt = { code: "HX_AEGIS_GENERATION_CORRUPT" };
    await expect(loadGeneration(dir, named)).rejects.toMatchObject(corrupt);
    await rm(join(dir, STORE), { recursive: true });
    await expect(loadGeneration(dir, hash)).rejects.toMatchObject(corrupt);
  });
});

describe("recoverInstall", () => {
  /** The journal of an installation that stopped after its first entry. */
  const cutOff = async (files: "before" | "after"): Promise<void> => {
    const before = await readFile(file("harness.json"), "utf8");
    await ship(dir, first, "verdict-1");
    const [line] = (await readFile(file(JOURNAL), "utf8")).split("\n");
    await writeFile(file(JOURNAL), `${line}\n`);
    if (files === "after") return;
    await writeFile(file("harness.json"), before);
    for (const path of ["harness.lock.json", ".harnessx/generations", ".harnessx/attestations"])
      await rm(file(path), { recursive: true });
  };

  it.each(["before", "after"] as const)(
    "completes what was cut off while the files stood %s it",
    async (files) => {
      await cutOff(files);
      expect(await recoverInstall(dir)).toBe("completed");
      expect(await standing(dir)).toEqual(["evolved-1"]);
      expect(kinds()).toEqual(["install", "ship"]);
      expect(await recoverInstall(dir)).toBe("nothing");
      expect(await disagreements(dir, true)).toEqual([]);
    },
  );

  it("gives up when a person has edited the manifest since", async () => {
    await cutOff("before");
    await writeFile(file("harness.json"), JSON.stringify({ name: "w", version: "2" }));
    expect(await recoverInstall(dir)).toBe("undone");
    expect((await readManifest(file("harness.json"))).version).toBe("2");
    expect(journal().events).toMatchObject([{ t: "install" }, { t: "rollback", parents: [] }]);
    expect(await recoverInstall(dir)).toBe("nothing");
  });

  it.each([
    ["is not whole", "README.md"],
    ["was built from something else", "dist/index.js"],
  ])("gives up when a package %s", async (_what, name) => {
    await cutOff("before");
    const path = join(file(usePath(first)), name);
    await rm(path);
    await writeFile(path, "other\n");
    expect(await recoverInstall(dir)).toBe("undone");
    expect(await standing(dir)).toEqual([]);
  });

  it("has nothing to do where nothing was installed", async () => {
    expect(await recoverInstall(dir)).toBe("nothing");
  });
});

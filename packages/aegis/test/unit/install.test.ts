import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply, loadHarness, readManifest } from "@harnessx/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  install,
  JOURNAL,
  openJournal,
  plan,
  propose,
  recoverInstall,
  STORE,
  verifyPackage,
  type JournalEvent,
} from "../../src/index.ts";
import { installStored, stateOf, storedEdit } from "../support/installing.ts";
import { recordKeyWorld } from "../support/workspace.ts";

let origin: string;
let dir: string;
beforeAll(async () => {
  const { dir: recorded, digest, harness } = await recordKeyWorld();
  const context = {
    round: 1,
    parent: harness.hash,
    manifest: harness.manifest,
    catalogue: [],
    options: {},
    exclude: new Set<string>(),
  };
  const [candidate] = propose(digest, plan(digest, harness.manifest, [], 1), context);
  await verifyPackage(candidate!.packages[0]!, { dir: recorded });
  origin = recorded;
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "aegis-install-"));
  await cp(origin, dir, { recursive: true });
});
afterEach(() => rm(dir, { recursive: true, force: true }));
afterAll(() => rm(origin, { recursive: true, force: true }));

const journal = () => openJournal(join(dir, JOURNAL));
const kinds = (): JournalEvent["t"][] => journal().events.map(({ t }) => t);

describe("install", () => {
  it("changes manifest and lock together and says so in the journal", async () => {
    const hash = await installStored(dir);
    expect(await stateOf(dir)).toBe("after");
    expect((await loadHarness(join(dir, "harness.json"))).hash).toBe(hash);
    const lock = JSON.parse(await readFile(join(dir, "harness.lock.json"), "utf8"));
    expect(lock.entries.evolved).toMatchObject({ decidedBy: "verdict-1", capabilities: {} });
    expect(kinds()).toEqual(["install", "ship"]);
    expect(await recoverInstall(dir)).toBe("nothing");
  });

  it("keeps what a person had installed before as decided by a person", async () => {
    const [name] = await readdir(join(dir, STORE));
    await cp(join(dir, STORE, name!), join(dir, "mine"), { recursive: true });
    const own = JSON.parse(await readFile(join(dir, "mine/package.json"), "utf8"));
    await chmod(join(dir, "mine/package.json"), 0o644);
    await writeFile(
      join(dir, "mine/package.json"),
      JSON.stringify({ ...own, name: "mine", harnessx: { ...own.harnessx, group: "mine" } }),
    );
    const manifest = await readManifest(join(dir, "harness.json"));
    await writeFile(
      join(dir, "harness.json"),
      JSON.stringify({ ...manifest, processors: [{ id: "mine", use: "./mine" }] }),
    );
    await installStored(dir);
    const lock = JSON.parse(await readFile(join(dir, "harness.lock.json"), "utf8"));
    expect(lock.entries).toMatchObject({
      mine: { decidedBy: "human" },
      evolved: { decidedBy: "verdict-1" },
    });
  });

  it("refuses a harness that was not measured, and a manifest that has changed", async () => {
    const edits = await storedEdit(dir);
    const request = {
      dir,
      journal: journal(),
      edits,
      measured: "sha256-other",
      verdict: "verdict-1",
      why: "",
    };
    await expect(install(request)).rejects.toMatchObject({ code: "HX_AEGIS_INSTALL_CONFLICT" });
    await writeFile(
      join(dir, "harness.json"),
      JSON.stringify({ name: "k", version: "1", processors: [{ id: "evolved", use: "./x" }] }),
    );
    await expect(install(request)).rejects.toMatchObject({ code: "HX_AEGIS_INSTALL_CONFLICT" });
    expect(kinds()).toEqual([]);
  });

  it("refuses a package that was tampered with, before and after", async () => {
    const [name] = await readdir(join(dir, STORE));
    const file = join(dir, STORE, name!, "src/index.ts");
    const built = join(dir, STORE, name!, "dist/index.js");
    const text = await readFile(file, "utf8");
    await chmod(file, 0o644);
    await writeFile(file, `${text}// more\n`);
    await expect(installStored(dir)).rejects.toMatchObject({ code: "HX_AEGIS_STORE_CORRUPT" });
    await writeFile(file, text);
    await installStored(dir);
    await chmod(built, 0o644);
    await writeFile(built, `${await readFile(built, "utf8")}// more\n`);
    await expect(loadHarness(join(dir, "harness.json"))).rejects.toMatchObject({
      code: "HX_LOCK_MISMATCH",
    });
  });
});

describe("recoverInstall", () => {
  /** The journal of an installation that stopped after its first entry. */
  const cutOff = async (files: "before" | "after"): Promise<void> => {
    const before = await readFile(join(dir, "harness.json"), "utf8");
    await installStored(dir);
    const [line] = (await readFile(join(dir, JOURNAL), "utf8")).split("\n");
    await writeFile(join(dir, JOURNAL), `${line}\n`);
    if (files === "after") return;
    await writeFile(join(dir, "harness.json"), before);
    await rm(join(dir, "harness.lock.json"));
  };

  it.each(["before", "after"] as const)(
    "completes what was cut off while the files stood %s it",
    async (files) => {
      await cutOff(files);
      expect(await recoverInstall(dir)).toBe("completed");
      expect(await stateOf(dir)).toBe("after");
      expect(kinds()).toEqual(["install", "ship"]);
      expect(await recoverInstall(dir)).toBe("nothing");
    },
  );

  it("gives up when a person has edited the manifest since", async () => {
    await cutOff("before");
    await writeFile(join(dir, "harness.json"), JSON.stringify({ name: "k", version: "2" }));
    expect(await recoverInstall(dir)).toBe("undone");
    expect((await readManifest(join(dir, "harness.json"))).version).toBe("2");
    expect(kinds()).toEqual(["install", "rollback"]);
    expect(await recoverInstall(dir)).toBe("nothing");
  });

  it("gives up when a package is not whole", async () => {
    await cutOff("before");
    await rm(join(dir, STORE), { recursive: true });
    expect(await recoverInstall(dir)).toBe("undone");
    expect(await stateOf(dir)).toBe("before");
  });

  it("has nothing to do where nothing was installed", async () => {
    expect(await recoverInstall(dir)).toBe("nothing");
    expect(apply([], await readManifest(join(dir, "harness.json"))).ok).toBe(true);
  });
});

import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  emptyLock,
  readLock,
  readManifest,
  serializeLock,
  serializeManifest,
  sha256Hex,
  withLockEntry,
  writeManifestAndLock,
  type Lock,
  type Manifest,
} from "../../src/manifest/index.ts";
import { errorOf } from "./arbitraries.ts";

/** A pair whose two halves carry the same number. */
const pair = (version: number): [Manifest, Lock] => [
  { name: "n", version: String(version) },
  withLockEntry(emptyLock, "x", {
    use: "x",
    version: String(version),
    integrity: `sha256-${"0".repeat(64)}`,
    capabilities: {},
    decidedBy: "human",
  }),
];

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "hx-files-"));
});
afterEach(() => rm(dir, { recursive: true }));

const manifestFile = () => join(dir, "harness.json");
const lockFile = () => join(dir, "harness.lock.json");
const commitFile = () => join(dir, "harness.commit.json");
const versions = async () => {
  const [manifest, lock] = [await readManifest(manifestFile()), await readLock(lockFile())];
  return [manifest.version, lock.entries["x"]?.version];
};

describe("readManifest and readLock", () => {
  it("read what was written, with or without a byte-order mark", async () => {
    const [manifest, lock] = pair(1);
    await writeFile(manifestFile(), `\uFEFF${serializeManifest(manifest)}`);
    await writeFile(lockFile(), serializeLock(lock));
    expect(await readManifest(manifestFile())).toEqual(manifest);
    expect(await readLock(lockFile())).toEqual(lock);
  });

  it("say why a file cannot be read", async () => {
    await writeFile(join(dir, "broken.json"), "{ name: 1 }");
    await mkdir(join(dir, "folder.json"));
    for (const [file, reason] of [
      ["nowhere.json", "missing"],
      ["harness.json", "missing"],
      ["broken.json", "syntax"],
      ["folder.json", "io"],
    ] as const) {
      for (const read of [readManifest, readLock]) {
        const error = await errorOf(() => read(join(dir, file)));
        expect(error.code).toBe("HX_MANIFEST_UNREADABLE");
        expect(error.details["reason"]).toBe(reason);
        expect(error.message).toContain(file);
        expect(error.hint).not.toBe("");
      }
    }
  });

  it("name the file of an invalid document", async () => {
    await writeFile(manifestFile(), '{ "name": "a" }');
    const error = await errorOf(() => readManifest(manifestFile()));
    expect(error.code).toBe("HX_MANIFEST_INVALID");
    expect(error.details).toMatchObject({ file: manifestFile(), path: "/version" });
    const lockError = await errorOf(() => readLock(manifestFile()));
    expect(lockError.code).toBe("HX_LOCK_INVALID");
    expect(lockError.details["file"]).toBe(manifestFile());
  });

  it("survive a megabyte of garbage", async () => {
    for (const text of [
      "[".repeat(1e6),
      "\0".repeat(1e6),
      `{"a":${'{"a":'.repeat(2e5)}`,
      `"${"x".repeat(1e6)}"`,
    ]) {
      await writeFile(manifestFile(), text);
      const error = await errorOf(() => readManifest(manifestFile()));
      expect(error.code).toMatch(/^HX_MANIFEST_(UNREADABLE|INVALID)$/);
      expect(error.message.length).toBeLessThan(1000);
    }
  });
});

describe("writeManifestAndLock", () => {
  it("writes both, leaves nothing else, and again", async () => {
    for (const version of [1, 2]) {
      await writeManifestAndLock(dir, ...pair(version));
      expect(await versions()).toEqual([String(version), String(version)]);
    }
    expect((await readdir(dir)).toSorted()).toEqual(["harness.json", "harness.lock.json"]);
    expect(await readFile(manifestFile(), "utf8")).toBe(serializeManifest(pair(2)[0]));
  });

  it("writes nothing when either half is invalid", async () => {
    const [manifest, lock] = pair(1);
    expect(
      (await errorOf(() => writeManifestAndLock(dir, { name: "n" } as never, lock))).code,
    ).toBe("HX_MANIFEST_INVALID");
    expect((await errorOf(() => writeManifestAndLock(dir, manifest, {} as never))).code).toBe(
      "HX_LOCK_INVALID",
    );
    expect(await readdir(dir)).toEqual([]);
  });

  it("says that it cannot write", async () => {
    const error = await errorOf(() => writeManifestAndLock(join(dir, "nowhere"), ...pair(1)));
    expect(error.code).toBe("HX_MANIFEST_UNWRITABLE");
    expect(error.hint).not.toBe("");
  });

  /** The folder as a crash leaves it after so many steps of replacing pair 1 by pair 2. */
  const crashAfter = async (step: number) => {
    const [old, next] = [pair(1), pair(2)];
    const texts = (one: [Manifest, Lock]) =>
      [serializeManifest(one[0]), serializeLock(one[1])] as const;
    const [oldManifest, oldLock] = texts(old);
    const [newManifest, newLock] = texts(next);
    const commit = {
      "harness.lock.json": { before: sha256Hex(oldLock), text: newLock },
      "harness.json": { before: sha256Hex(oldManifest), text: newManifest },
    };
    await writeFile(join(dir, ".harness.commit.json.1.tmp"), '{"torn');
    await writeFile(manifestFile(), step >= 3 ? newManifest : oldManifest);
    await writeFile(lockFile(), step >= 2 ? newLock : oldLock);
    if (step >= 1 && step < 4) await writeFile(commitFile(), JSON.stringify(commit));
  };

  it.each([
    [0, "1"],
    [1, "2"],
    [2, "2"],
    [3, "2"],
    [4, "2"],
  ])("after a crash at step %i both halves are of pair %s", async (step, version) => {
    await crashAfter(step);
    expect(await versions()).toEqual([version, version]);
    await writeManifestAndLock(dir, ...pair(3));
    expect(await versions()).toEqual(["3", "3"]);
    expect(await readdir(dir)).not.toContain("harness.commit.json");
  });

  it("refuses to guess when a file was edited after the crash", async () => {
    await crashAfter(2);
    await writeFile(manifestFile(), serializeManifest({ name: "n", version: "by hand" }));
    const error = await errorOf(() => readManifest(manifestFile()));
    expect(error.code).toBe("HX_MANIFEST_UNREADABLE");
    expect(error.details["reason"]).toBe("interrupted");
    expect(error.message).toContain("harness.commit.json");
    await rm(commitFile());
    expect((await readManifest(manifestFile())).version).toBe("by hand");
  });

  it("refuses a commit file that is no JSON", async () => {
    await crashAfter(2);
    await writeFile(commitFile(), "x");
    expect((await errorOf(() => readManifest(manifestFile()))).code).toBe("HX_MANIFEST_UNREADABLE");
  });

  it.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "says that the folder is read-only",
    async () => {
      await chmod(dir, 0o500);
      expect((await errorOf(() => writeManifestAndLock(dir, ...pair(1)))).code).toBe(
        "HX_MANIFEST_UNWRITABLE",
      );
      await chmod(dir, 0o700);
    },
  );

  it("never leaves a mixed pair when it is killed", { timeout: 60_000 }, async () => {
    const script = `
      const { writeManifestAndLock, emptyLock, withLockEntry } = await import(${JSON.stringify(new URL("../../src/manifest/index.ts", import.meta.url).href)});
      for (let version = 1; ; version++) {
        const lock = withLockEntry(emptyLock, "x", { use: "x", version: String(version), integrity: "sha256-" + "0".repeat(64), capabilities: {}, decidedBy: "human" });
        await writeManifestAndLock(${JSON.stringify(dir)}, { name: "n", version: String(version) }, lock);
        if (version === 1) console.log("started");
      }`;
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, [
        "--import",
        "tsx",
        "--input-type=module",
        "-e",
        script,
      ]);
      await new Promise((resolve) => child.stdout.once("data", resolve));
      await new Promise((resolve) => setTimeout(resolve, 20 + round * 13));
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
      const [manifest, lock] = await versions();
      expect(manifest).toBe(lock);
    }
  });
});

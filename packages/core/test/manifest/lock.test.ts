import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  emptyLock,
  hashPackage,
  lockEntryMatches,
  requireLockEntry,
  withLockEntry,
  withoutLockEntry,
} from "../../src/manifest/index.ts";
import { errorOf } from "./arbitraries.ts";

const integrity = `sha256-${"a".repeat(64)}`;
const entry = {
  use: "loop-guard",
  version: "1.0.0",
  integrity,
  capabilities: { net: ["example.org"], fs: { read: ["."] } },
  decidedBy: "human",
};
const lock = withLockEntry(emptyLock, "loops", entry);

describe("lockEntryMatches", () => {
  const found = {
    use: "loop-guard",
    version: "1.0.0",
    integrity,
    capabilities: entry.capabilities,
  };

  it("is silent on a match, also with more declared than granted", () => {
    expect(lockEntryMatches(lock, "loops", found)).toEqual([]);
    expect(lockEntryMatches(lock, "loops", { ...found, capabilities: undefined })).toEqual([]);
    const more = { ...entry.capabilities, net: ["example.org", "x.org"], spawn: true };
    expect(lockEntryMatches(lock, "loops", { ...found, capabilities: more })).toEqual([]);
  });

  it.each([
    ["other", found, /no such entry/],
    ["constructor", found, /no such entry/],
    ["loops", { ...found, use: "other" }, /^use is locked as loop-guard, found other$/],
    ["loops", { ...found, version: "2.0.0" }, /^version is locked as 1.0.0, found 2.0.0$/],
    [
      "loops",
      { ...found, integrity: "sha256-0" },
      /^integrity is locked as sha256-a+, found sha256-0$/,
    ],
    ["loops", { ...found, capabilities: {} }, /^capabilities .*net:example.org, fs.read:\., which/],
  ])("%s against %j", async (id, actual, says) => {
    const problems = lockEntryMatches(lock, id, actual);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(says);
    const error = await errorOf(() => requireLockEntry(lock, id, actual));
    expect(error.code).toBe("HX_LOCK_MISMATCH");
    expect(error.message).toContain(id);
    expect(error.details["problems"]).toEqual(problems);
    expect(error.hint).toContain("hx plugin add");
  });

  it("lists every problem", () => {
    const other = { use: "x", version: "2", integrity: "sha256-0", capabilities: {} };
    expect(lockEntryMatches(lock, "loops", other)).toHaveLength(4);
    requireLockEntry(lock, "loops", found);
  });
});

describe("withLockEntry and withoutLockEntry", () => {
  it("return new frozen locks, sorted by id", () => {
    const two = withLockEntry(lock, "a", entry);
    expect(Object.keys(two.entries)).toEqual(["a", "loops"]);
    expect(Object.keys(lock.entries)).toEqual(["loops"]);
    expect(Object.isFrozen(two.entries["a"])).toBe(true);
    expect(withoutLockEntry(two, "a")).toEqual(lock);
    expect(withoutLockEntry(lock, "nobody")).toEqual(lock);
    expect(
      withLockEntry(lock, "loops", { ...entry, version: "2.0.0" }).entries["loops"]?.version,
    ).toBe("2.0.0");
  });

  it.each([
    ["Not An Id", entry],
    ["__proto__", entry],
    ["constructor", entry],
    ["x", { ...entry, integrity: "md5" }],
    ["x", null],
  ])("refuse %s with %j", async (id, value) => {
    const error = await errorOf(() => withLockEntry(lock, id, value as never));
    expect(error.code).toBe("HX_LOCK_INVALID");
  });
});

const dirs: string[] = [];
afterEach(async () => {
  await Promise.all(dirs.splice(0).map((dir) => rm(dir, { recursive: true })));
});

async function folder(files: Record<string, string>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "hx-hash-"));
  dirs.push(dir);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return dir;
}

const files = {
  "package.json": JSON.stringify({ name: "x", harnessx: { options: "./schema/options.json" } }),
  "schema/options.json": "{}",
  "dist/index.js": "export default 1;",
  "dist/deep/more.js": "export const a = 1;",
  "README.md": "hello",
};

describe("hashPackage", () => {
  it("depends on the content alone", async () => {
    const one = await hashPackage(await folder(files), "dist/index.js");
    expect(one).toMatch(/^sha256-[0-9a-f]{64}$/);
    const reversed = Object.fromEntries(Object.entries(files).toReversed());
    const dir = await folder(reversed);
    expect(await hashPackage(dir, "./dist/index.js")).toBe(one);
    expect(await hashPackage(dir, join(dir, "dist/index.js"))).toBe(one);
    expect(
      await hashPackage(
        await folder({ ...files, "README.md": "other", "test/a.js": "1" }),
        "dist/index.js",
      ),
    ).toBe(one);
  });

  it.each([
    ["package.json", JSON.stringify({ name: "y", harnessx: { options: "./schema/options.json" } })],
    ["schema/options.json", "{ }"],
    ["dist/index.js", "export default 2;"],
    ["dist/deep/more.js", ""],
    ["dist/deep/new.js", ""],
  ])("changes with %s", async (path, text) => {
    const before = await hashPackage(await folder(files), "dist/index.js");
    expect(await hashPackage(await folder({ ...files, [path]: text }), "dist/index.js")).not.toBe(
      before,
    );
  });

  it("changes when a file moves, or a name runs into a content", async () => {
    const at = async (extra: Record<string, string>) =>
      hashPackage(await folder({ ...files, ...extra }), "dist/index.js");
    const all = [
      await at({ "dist/a": "b" }),
      await at({ "dist/b": "b" }),
      await at({ "dist/a": "", "dist/b": "b" }),
    ];
    expect(new Set(all).size).toBe(3);
  });

  it("covers the whole package, without its dependencies, when the entry is at the top", async () => {
    const top = { "package.json": "{}", "index.js": "1", "lib/a.js": "1" };
    const hash = async (extra: Record<string, string>) =>
      hashPackage(await folder({ ...top, ...extra }), "index.js");
    const before = await hash({});
    expect(await hash({ "node_modules/x/index.js": "1", ".git/HEAD": "1" })).toBe(before);
    expect(await hash({ "lib/a.js": "2" })).not.toBe(before);
  });

  it("takes a link to a file inside as that file", async () => {
    const dir = await folder(files);
    await symlink(join(dir, "README.md"), join(dir, "dist/link.js"));
    const copy = await folder({ ...files, "dist/link.js": files["README.md"] });
    expect(await hashPackage(dir, "dist/index.js")).toBe(await hashPackage(copy, "dist/index.js"));
  });

  const refused = async (dir: string, entryFile = "dist/index.js") => {
    const error = await errorOf(() => hashPackage(dir, entryFile));
    expect(error.code).toBe("HX_LOCK_UNHASHABLE");
    expect(error.message).toContain(dir.slice(-6));
    expect(error.hint).not.toBe("");
    return error.message;
  };

  it("refuses links that leave the package, lead to folders or nowhere", async () => {
    const outside = await folder({ "secret.js": "1" });
    for (const target of [join(outside, "secret.js"), outside, join(outside, "nowhere")]) {
      const dir = await folder(files);
      await symlink(target, join(dir, "dist/link.js"));
      await refused(dir);
    }
    const within = await folder({ ...files, "lib/a.js": "1" });
    await symlink(join(within, "lib"), join(within, "dist/lib"));
    expect(await refused(within)).toContain("not a plain file");
    const { "dist/index.js": _index, "dist/deep/more.js": _more, ...rest } = files;
    const whole = await folder(rest);
    await symlink(await folder({ "index.js": "1" }), join(whole, "dist"));
    await refused(whole);
  });

  it("refuses an entry file or a schema outside, missing or unreadable parts", async () => {
    await refused(await folder(files), "../index.js");
    await refused(await folder(files), "dist/none.js");
    await refused(await folder(files), ".");
    await refused(await folder({ "dist/index.js": "1" }));
    await refused(await folder({ ...files, "package.json": "{" }));
    await refused(
      await folder({ ...files, "package.json": '{"harnessx":{"options":"../../etc/passwd"}}' }),
    );
    await refused(join(tmpdir(), "hx-hash-nowhere"));
  });
});

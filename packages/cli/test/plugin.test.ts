import { appendFile, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fixture, hx, scratch } from "./run-hx.ts";

const readJson = async (...path: string[]) => JSON.parse(await readFile(join(...path), "utf8"));

test("new, test, add, run, remove: the way of a plugin in a folder that nothing is installed in", async () => {
  const dir = await scratch();
  const made = await hx(dir, ["plugin", "new", "loud-voice"]);
  expect(made.exit).toBe(0);
  const metadata = await readJson(dir, "loud-voice/package.json");
  expect(metadata).toMatchObject({
    name: "harnessx-processor-loud-voice",
    peerDependencies: { "@harnessx/core": expect.any(String) },
    harnessx: { api: 1, kind: "processor" },
  });
  const written = (await readdir(join(dir, "loud-voice"), { recursive: true })).filter(
    (name) => !name.startsWith("node_modules"),
  );
  for (const file of written.filter((name) => /\.\w+$/.test(name))) {
    const text = await readFile(join(dir, "loud-voice", file), "utf8");
    expect(text, file).not.toMatch(/processor-hello|\bHello|template/);
  }

  const tested = await hx(dir, ["plugin", "test", "loud-voice", "--json"]);
  expect(tested.json()).toMatchObject({ ok: true, plugin: "harnessx-processor-loud-voice" });
  expect(tested.exit).toBe(0);

  const added = await hx(dir, [
    "plugin",
    "add",
    "./loud-voice",
    "--options",
    '{"greeting":"Shout."}',
    "--json",
  ]);
  expect(added.exit).toBe(0);
  expect(await readJson(dir, "harness.json")).toMatchObject({
    processors: [{ id: "loud-voice", use: "./loud-voice", options: { greeting: "Shout." } }],
  });
  const { entries } = await readJson(dir, "harness.lock.json");
  expect(entries["loud-voice"]).toEqual({
    use: "./loud-voice",
    version: "0.1.0",
    integrity: expect.stringMatching(/^sha256-[0-9a-f]{64}$/),
    capabilities: {},
    decidedBy: "human",
  });

  const ran = await hx(dir, [
    "run",
    "Talk.",
    "--harness",
    "harness.json",
    "--models",
    fixture("app/models.json"),
  ]);
  expect(ran.exit).toBe(0);
  expect(ran.stdout).toContain('loud-voice changed taskStart: appendSystem "Shout."');

  const removed = await hx(dir, ["plugin", "remove", "loud-voice"]);
  expect(removed.exit).toBe(0);
  expect((await readJson(dir, "harness.json")).processors).toEqual([]);
  expect((await readJson(dir, "harness.lock.json")).entries).toEqual({});
});

describe("new", () => {
  test.each([
    ["shout", "harnessx-processor-shout", "shout"],
    ["@acme/processor-shout", "@acme/processor-shout", "shout"],
    ["acme-processor-shout", "acme-processor-shout", "shout"],
    ["deep/er/shout", "harnessx-processor-shout", "deep/er/shout"],
  ])("%s becomes the package %s in %s", async (name, packageName, folder) => {
    const dir = await scratch();
    const outcome = await hx(dir, ["plugin", "new", name, "--json"]);
    expect(outcome.json()).toMatchObject({
      package: packageName,
      dir: join(dir, folder),
      linkedCore: true,
    });
    expect((await readJson(dir, folder, "package.json")).name).toBe(packageName);
  });

  test("never writes into a folder that holds something", async () => {
    const dir = await scratch();
    await writeFile(join(dir, "note"), "mine");
    const outcome = await hx(dir, ["plugin", "new", "shout", "--dir", ".", "--json"]);
    expect([outcome.exit, outcome.json().code]).toEqual([3, "HX_CLI_FOLDER_NOT_EMPTY"]);
  });
});

describe("test", () => {
  test("exits with 1 and names the law that is broken", async () => {
    const dir = await scratch();
    await hx(dir, ["plugin", "new", "quiet"]);
    const file = join(dir, "quiet/package.json");
    await writeFile(
      file,
      (await readFile(file, "utf8")).replace('"taskStart"', '"taskStart", "stepEnd"'),
    );
    const { exit, stdout } = await hx(dir, ["plugin", "test", "quiet"]);
    expect(exit).toBe(1);
    expect(stdout).toMatch(/^fail {2}hooks/m);
    expect(stdout).toContain("does not conform");
  });
});

describe("add", () => {
  test("takes short names and places, and keeps what it does not touch", async () => {
    const dir = await scratch();
    await writeFile(
      join(dir, "harness.json"),
      JSON.stringify({ name: "mine", version: "4", limits: { maxSteps: 9 } }),
    );
    for (const argv of [
      ["hello"],
      ["loop-guard", "--before", "hello"],
      ["hello", "--id", "again", "--after", "hello"],
    ]) {
      expect((await hx(dir, ["plugin", "add", ...argv])).exit).toBe(0);
    }
    const manifest = await readJson(dir, "harness.json");
    expect(manifest).toMatchObject({ name: "mine", version: "4", limits: { maxSteps: 9 } });
    expect(manifest.processors.map((entry: { id: string }) => entry.id)).toEqual([
      "loop-guard",
      "hello",
      "again",
    ]);
    expect(Object.keys((await readJson(dir, "harness.lock.json")).entries)).toEqual([
      "again",
      "hello",
      "loop-guard",
    ]);
  });

  test("writes nothing when the harness would not load", async () => {
    const dir = await scratch();
    await hx(dir, ["plugin", "add", "loop-guard"]);
    const before = await Promise.all(
      ["harness.json", "harness.lock.json"].map((file) => readFile(join(dir, file), "utf8")),
    );
    const cases = [
      [["loop-guard", "--id", "two"], "HX_MANIFEST_DUPLICATE_GROUP"],
      [["hello", "--options", '{"greting":"x"}'], "HX_PLUGIN_OPTIONS_INVALID"],
      [["hello", "--id", "loop-guard"], "HX_CLI_ENTRY_TAKEN"],
      [["hello", "--after", "nobody"], "HX_MANIFEST_CONFLICT"],
      [["household"], "HX_CLI_NOT_AN_ENTRY"],
      [["@harnessx/adapter-household"], "HX_CLI_NOT_AN_ENTRY"],
    ] as const;
    for (const [argv, code] of cases) {
      const outcome = await hx(dir, ["plugin", "add", ...argv, "--json"]);
      expect([argv, outcome.exit, outcome.json().code]).toEqual([argv, 3, code]);
    }
    const after = await Promise.all(
      ["harness.json", "harness.lock.json"].map((file) => readFile(join(dir, file), "utf8")),
    );
    expect(after).toEqual(before);
  });

  test("a manifest under another name is refused, a missing one is made only where none was named", async () => {
    const dir = await scratch();
    const named = await hx(dir, ["plugin", "add", "hello", "--harness", "other.json", "--json"]);
    expect([named.exit, named.json().code]).toEqual([3, "HX_CLI_MANIFEST_NAME"]);
    const missing = await hx(dir, [
      "plugin",
      "add",
      "hello",
      "--harness",
      "sub/harness.json",
      "--json",
    ]);
    expect([missing.exit, missing.json().code]).toEqual([3, "HX_MANIFEST_UNREADABLE"]);
  });

  test("a folder without ./ is pointed out", async () => {
    const dir = await scratch();
    await hx(dir, ["plugin", "new", "shout"]);
    const { exit, stderr } = await hx(dir, ["plugin", "add", "shout"]);
    expect([exit, stderr.includes("Write ./shout")]).toEqual([2, true]);
  });

  test("tools go under tools", async () => {
    const dir = await scratch();
    const { cp } = await import("node:fs/promises");
    await cp(fixture("echo-tools"), join(dir, "echo-tools"), { recursive: true });
    await hx(dir, ["plugin", "add", "./echo-tools", "--id", "echo"]);
    expect((await readJson(dir, "harness.json")).tools).toEqual([
      { id: "echo", use: "./echo-tools" },
    ]);
  });
});

describe("changed code", () => {
  test("is shown by ls, fails verify and run, and is recorded by add <id>", async () => {
    const dir = await scratch();
    await hx(dir, ["plugin", "new", "shout"]);
    await hx(dir, ["plugin", "add", "./shout"]);
    expect((await hx(dir, ["plugin", "verify"])).exit).toBe(0);
    await appendFile(join(dir, "shout/src/index.ts"), "// changed\n");

    expect((await hx(dir, ["plugin", "ls"])).stdout).toContain("differs");
    const verified = await hx(dir, ["plugin", "verify", "--json"]);
    expect([verified.exit, verified.json().ok]).toEqual([1, false]);
    const refused = await hx(dir, ["run", "x", "--harness", ".", "--model", "oracle", "--json"]);
    expect([refused.exit, refused.json().code]).toEqual([3, "HX_LOCK_MISMATCH"]);

    expect((await hx(dir, ["plugin", "add", "shout"])).exit).toBe(0);
    expect((await hx(dir, ["plugin", "verify"])).exit).toBe(0);
    expect((await hx(dir, ["plugin", "verify", "shout"])).stdout).toContain(
      "harnessx-processor-shout 0.1.0",
    );
  });

  test("ls and verify survive an entry that cannot be loaded, and remove takes it out", async () => {
    const dir = await scratch();
    await hx(dir, ["plugin", "add", "hello"]);
    const manifest = await readJson(dir, "harness.json");
    manifest.processors.push({ id: "gone", use: "harnessx-processor-gone" });
    await writeFile(join(dir, "harness.json"), JSON.stringify(manifest));
    const listed = await hx(dir, ["plugin", "ls"]);
    expect([listed.exit, listed.stdout.includes("HX_PLUGIN_NOT_FOUND")]).toEqual([0, true]);
    expect((await hx(dir, ["plugin", "verify"])).exit).toBe(1);
    expect((await hx(dir, ["plugin", "remove", "gone"])).exit).toBe(0);
    expect((await hx(dir, ["plugin", "verify"])).exit).toBe(0);
    const unknown = await hx(dir, ["plugin", "remove", "gone", "--json"]);
    expect([unknown.exit, unknown.json()]).toMatchObject([
      3,
      { code: "HX_CLI_ENTRY_UNKNOWN", hint: "Its entries are: hello." },
    ]);
  });

  test("what others order themselves by stays", async () => {
    const dir = await scratch();
    await hx(dir, ["plugin", "add", "hello"]);
    await hx(dir, ["plugin", "add", "hello", "--id", "late"]);
    const manifest = await readJson(dir, "harness.json");
    manifest.processors[1].after = ["hello"];
    await writeFile(join(dir, "harness.json"), JSON.stringify(manifest));
    const outcome = await hx(dir, ["plugin", "remove", "hello", "--json"]);
    expect([outcome.exit, outcome.json().code]).toEqual([3, "HX_MANIFEST_ORDER_UNKNOWN"]);
  });
});

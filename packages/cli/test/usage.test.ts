import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeTable } from "../src/exit-codes.ts";
import { packageFile } from "../src/paths.ts";
import { renderCliReference } from "../src/reference.ts";
import { hx, scratch } from "./run-hx.ts";

const leaves = [
  ["demo"],
  ["run"],
  ["resume"],
  ["bench"],
  ["evolve"],
  ["evolve", "digest"],
  ["evolve", "plan"],
  ["evolve", "propose"],
  ["evolve", "critique"],
  ["evolve", "gate"],
  ["evolve", "report"],
  ["evolve", "rollback"],
  ["gate", "replay"],
  ["trace", "ls"],
  ["trace", "show"],
  ["trace", "tail"],
  ["trace", "replay"],
  ["trace", "diff"],
  ["plugin", "new"],
  ["plugin", "test"],
  ["plugin", "add"],
  ["plugin", "remove"],
  ["plugin", "ls"],
  ["plugin", "verify"],
  ["plugin", "approve"],
  ["manifest", "check"],
  ["manifest", "diff"],
  ["manifest", "hash"],
  ["doctor"],
];

describe("help", () => {
  test("names the commands and documents every exit code", async () => {
    const { exit, stdout } = await hx(await scratch(), ["--help"]);
    expect(exit).toBe(0);
    for (const [name] of leaves) expect(stdout).toContain(`  ${name}`);
    for (const { code, meaning } of exitCodeTable)
      expect(stdout).toContain(`${String(code).padEnd(5)} ${meaning}`);
  });

  test.each(leaves)(
    "of %s %s has --json, an example and lines of at most 80 columns",
    async (...path) => {
      const { exit, stdout } = await hx(await scratch(), [...path, "--help"]);
      expect(exit).toBe(0);
      expect(stdout).toContain("--json");
      expect(stdout).toMatch(new RegExp(`Examples?:\\n  hx ${path.join(" ")}`));
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    },
  );

  test("the version is that of the package", async () => {
    const { version } = JSON.parse(await readFile(packageFile("package.json"), "utf8"));
    const { exit, stdout } = await hx(await scratch(), ["--version"]);
    expect([exit, stdout]).toEqual([0, `${version}\n`]);
  });

  test("the reference page covers every command, option and exit code", async () => {
    const page = renderCliReference();
    for (const path of leaves) {
      expect(page).toContain(`\n## hx ${path.join(" ")}\n`);
      const { stdout } = await hx(await scratch(), [...path, "--help"]);
      for (const [flag] of stdout.matchAll(/(?<=\n\s+)--[a-z-]+/g))
        expect(page).toContain(`\`${flag}`);
    }
    for (const { meaning } of exitCodeTable) expect(page).toContain(meaning);
    expect(page).toContain("HX_CLI_MODEL_MISSING");
  });
});

describe("a wrong command line", () => {
  test.each([
    [["rnu"], "Unknown command 'rnu'", "Did you mean run?"],
    [["bench", "household", "--rep", "3"], "Unknown option '--rep'", "Did you mean --reps?"],
    [["bench"], "Missing required argument 'suite'", "hx --help"],
    [["bench", "household", "--reps", "0"], "whole number of at least 1", "hx --help"],
    [["bench", "household", "--split", "test"], "Allowed choices are", "hx --help"],
    [["run"], "There is no task.", "--suite"],
    [["run", "x", "--task", "y"], "--task needs --suite.", "household"],
    [
      ["run", "x", "--suite", "household", "--model", "oracle"],
      "exclude each other",
      "its own text",
    ],
    [
      ["run", "x", "--model", "oracle", "--models", "m.json"],
      "--model and --models exclude each other.",
      "one of the two",
    ],
    [["bench", "household", "--model", "oracle", "--set", "games"], "no name=value", "--set"],
    [["plugin", "new", "Not Kebab"], "no name for a plugin", "kebab-case"],
    [["plugin", "add", "loop-guard", "--options", "[1]"], "no JSON object", "--options"],
  ])("%j exits with 2 and says what to do", async (argv, message, hint) => {
    const { exit, stdout, stderr } = await hx(await scratch(), argv);
    expect(exit).toBe(2);
    expect(stdout).toBe("");
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(message);
    expect(stderr).toMatch(/^HX_CLI_USAGE: /);
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(hint);
  });

  test("prints the error object with --json", async () => {
    const outcome = await hx(await scratch(), ["bench", "--json"]);
    expect(outcome.exit).toBe(2);
    expect(outcome.stderr).toBe("");
    expect(outcome.json()).toMatchObject({
      code: "HX_CLI_USAGE",
      message: expect.any(String),
      hint: expect.any(String),
      details: {},
    });
  });

  test("a group without a command prints its help", async () => {
    const { exit, stderr } = await hx(await scratch(), ["trace"]);
    expect(exit).toBe(2);
    expect(stderr).toContain("Usage: hx trace");
  });
});

describe("errors with a code", () => {
  test("exit with 3, and name code, message and hint", async () => {
    const { exit, stderr } = await hx(await scratch(), ["run", "hello"]);
    expect(exit).toBe(3);
    expect(stderr).toMatch(/^HX_CLI_MODEL_MISSING: /);
    expect(stderr).toContain("tiny-policy");
  });

  test("are objects with --json", async () => {
    const outcome = await hx(await scratch(), ["manifest", "check", "absent.json", "--json"]);
    expect(outcome.exit).toBe(3);
    expect(outcome.json()).toMatchObject({
      code: "HX_MANIFEST_UNREADABLE",
      details: { reason: "missing" },
    });
  });

  test("of packages that are not installed name the likeliest one", async () => {
    const outcome = await hx(await scratch(), ["bench", "nowhere", "--model", "oracle", "--json"]);
    expect(outcome.json()).toMatchObject({
      code: "HX_PLUGIN_NOT_FOUND",
      details: { package: "@harnessx/adapter-nowhere" },
    });
  });

  test("what the system refuses is told with the path, and is no defect of hx", async () => {
    const dir = await scratch();
    await writeFile(join(dir, "file"), "");
    const outcome = await hx(dir, ["trace", "ls", "file", "--json"]);
    expect(outcome.exit).toBe(3);
    expect(outcome.json()).toMatchObject({
      code: "HX_CLI_SYSTEM",
      details: { path: join(dir, "file") },
    });
  });

  test("a plugin of the wrong kind is refused", async () => {
    const outcome = await hx(await scratch(), [
      "bench",
      "tiny-policy",
      "--model",
      "oracle",
      "--json",
    ]);
    expect(outcome.json()).toMatchObject({ code: "HX_PLUGIN_KIND_MISMATCH" });
  });
});

test("colour appears on a terminal only, and never with NO_COLOR", async () => {
  const dir = await scratch();
  const escape = "\u001b[";
  expect((await hx(dir, ["doctor"], { terminal: true })).stdout).toContain(escape);
  expect(
    (await hx(dir, ["doctor"], { terminal: true, env: { NO_COLOR: "1" } })).stdout,
  ).not.toContain(escape);
  expect((await hx(dir, ["doctor"])).stdout).not.toContain(escape);
});

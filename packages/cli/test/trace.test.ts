import { appendFile, copyFile, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { fixture, hx, scratch } from "./run-hx.ts";

const harness = ["--harness", fixture("app")];

async function recorded(): Promise<{ readonly dir: string; readonly trace: string }> {
  const dir = await scratch();
  const outcome = await hx(dir, [
    "run",
    "Talk to the echo.",
    ...harness,
    "--models",
    fixture("app/models.json"),
    "--json",
  ]);
  return { dir, trace: outcome.json().trace };
}

test("ls lists newest first and marks open runs", async () => {
  const { dir, trace } = await recorded();
  const text = await readFile(trace, "utf8");
  const open = join(dir, ".harnessx/traces/cut.jsonl");
  await writeFile(open, `${text.trimEnd().split("\n").slice(0, -1).join("\n")}\n`);
  const { exit, stdout } = await hx(dir, ["trace", "ls"]);
  expect(exit).toBe(0);
  expect(stdout).toContain("Talk to the ec");
  expect(stdout).toContain("2 traces");
  const { traces } = (await hx(dir, ["trace", "ls", "--json"])).json();
  expect(traces.map((one: { exit?: string }) => one.exit).toSorted()).toEqual(["done", undefined]);
  const none = await hx(dir, ["trace", "ls", "elsewhere", "--json"]);
  expect([none.exit, none.json().code]).toEqual([3, "HX_TRACE_NOT_FOUND"]);
});

describe("show", () => {
  test("prints the run step by step, by path, run id, its start, or latest", async () => {
    const { dir, trace } = await recorded();
    const id = trace.split("/").at(-1)!.replace(".jsonl", "");
    const shown = await Promise.all(
      [trace, id, id.slice(0, 20), "latest"].map((given) => hx(dir, ["trace", "show", given])),
    );
    expect(new Set(shown.map((one) => one.stdout)).size).toBe(1);
    expect(shown[0]!.stdout).toContain("  1  ▸ echo turn 1");
    expect(shown[0]!.stdout).toMatch(/^acted {4}hello \(replace 1×\)$/m);
  });

  test("--step, --events and --json", async () => {
    const { dir, trace } = await recorded();
    const step = await hx(dir, ["trace", "show", trace, "--step", "2"]);
    expect(step.stdout).toContain("echo: turn 2");
    expect(step.stdout).not.toContain("echo: turn 1");
    const events = await hx(dir, ["trace", "show", trace, "--events"]);
    const lines = (await readFile(trace, "utf8")).trimEnd().split("\n");
    expect(events.stdout.trimEnd().split("\n")).toHaveLength(lines.length);
    const json = (await hx(dir, ["trace", "show", trace, "--json"])).json();
    expect(json).toMatchObject({ path: trace, summary: { exit: "done", totals: { steps: 3 } } });
    expect(json.events).toHaveLength(lines.length);
    const missing = await hx(dir, ["trace", "show", trace, "--step", "9"]);
    expect([missing.exit, missing.stderr.includes("It has 3 steps.")]).toEqual([2, true]);
  });

  test("a torn last line is mentioned, a damaged file is an error", async () => {
    const { dir, trace } = await recorded();
    await appendFile(trace, '{"seq":');
    expect((await hx(dir, ["trace", "show", trace])).stderr).toContain("torn");
    await writeFile(trace, "not a trace\n");
    const outcome = await hx(dir, ["trace", "show", trace, "--json"]);
    expect([outcome.exit, outcome.json().code]).toEqual([3, "HX_TRACE_CORRUPT"]);
  });
});

describe("replay", () => {
  test("of the same harness is identical", async () => {
    const { dir, trace } = await recorded();
    const { exit, stdout } = await hx(dir, ["trace", "replay", trace, ...harness]);
    expect([exit, stdout]).toEqual([
      0,
      expect.stringMatching(/^identical {2}\d+ events, the recorded harness\n$/),
    ]);
  });

  test("loads the recorded harness when its plugins lie above the trace", async () => {
    const { dir, trace } = await recorded();
    const lost = await hx(dir, ["trace", "replay", trace, "--json"]);
    expect([lost.exit, lost.json().code]).toEqual([3, "HX_CLI_HARNESS_LOST"]);
    const plain = await hx(dir, ["run", "--suite", "household", "--model", "oracle", "--json"]);
    const outcome = await hx(dir, ["trace", "replay", plain.json().trace, "--json"]);
    expect([outcome.exit, outcome.json().identical]).toEqual([0, true]);
  });

  test("of another harness shows the first divergence and exits with 1", async () => {
    const { dir, trace } = await recorded();
    const other = JSON.parse(await readFile(join(fixture("app"), "harness.json"), "utf8"));
    other.processors[0].options = { greeting: "Say nothing." };
    other.tools[0].use = relative(dir, fixture("echo-tools"));
    await writeFile(join(dir, "harness.json"), JSON.stringify(other));
    const outcome = await hx(dir, [
      "trace",
      "replay",
      trace,
      "--harness",
      "harness.json",
      "--json",
    ]);
    expect(outcome.exit).toBe(1);
    expect(outcome.json()).toMatchObject({
      identical: false,
      divergence: { seq: expect.any(Number) },
    });
    const text = await hx(dir, ["trace", "replay", trace, "--harness", "harness.json"]);
    expect(text.stdout).toMatch(/^differs {4}at event \d+ of \d+/);
  });
});

test("diff compares two traces", async () => {
  const { dir, trace } = await recorded();
  const copy = join(dir, "copy.jsonl");
  await copyFile(trace, copy);
  const same = await hx(dir, ["trace", "diff", trace, copy]);
  expect([same.exit, same.stdout]).toEqual([0, expect.stringMatching(/^same {2}\d+ events\n$/)]);
  await writeFile(copy, (await readFile(copy, "utf8")).replaceAll("echo: turn 2", "echo: turn Z"));
  const other = await hx(dir, ["trace", "diff", trace, copy]);
  expect(other.exit).toBe(1);
  expect(other.stdout).toMatch(/^differs {2}after \d+ equal events, in content/);
  const json = await hx(dir, ["trace", "diff", trace, copy, "--json"]);
  expect(json.json()).toMatchObject({
    same: false,
    divergence: { a: "echo: turn 2", b: "echo: turn Z" },
  });
});

describe("tail", () => {
  test("follows a growing file to the end of the run", async () => {
    const { dir, trace } = await recorded();
    const lines = (await readFile(trace, "utf8")).trimEnd().split("\n");
    const growing = join(dir, "growing.jsonl");
    await writeFile(growing, `${lines.slice(0, 3).join("\n")}\n`);
    const tail = hx(dir, ["trace", "tail", growing, "--json"]);
    for (const line of lines.slice(3)) {
      await new Promise((resolve) => setTimeout(resolve, 15));
      // In two writes: a line that is half there must wait for its end.
      await appendFile(growing, line.slice(0, 10));
      await appendFile(growing, `${line.slice(10)}\n`);
    }
    const { exit, stdout } = await tail;
    expect(exit).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).seq),
    ).toEqual(lines.map((_, index) => index));
  });

  test("puts long texts back in place and ends with the totals", async () => {
    const dir = await scratch();
    const long = "word ".repeat(1000).trim();
    const run = await hx(dir, [
      "run",
      long,
      ...harness,
      "--models",
      fixture("app/models.json"),
      "--json",
    ]);
    const { trace } = run.json();
    expect(await readFile(trace, "utf8")).toContain("$blob");
    const json = await hx(dir, ["trace", "tail", trace, "--json"]);
    expect(JSON.parse(json.stdout.split("\n")[0]!).task.text).toBe(long);
    expect((await hx(dir, ["trace", "tail", trace])).stdout).toMatch(/^exit {5}done$/m);
  });

  test("stops on Ctrl-C", async () => {
    const { dir, trace } = await recorded();
    await writeFile(
      trace,
      `${(await readFile(trace, "utf8")).split("\n").slice(0, 4).join("\n")}\n`,
    );
    const outcome = await hx(dir, ["trace", "tail", trace], {
      onStart: (interrupt) => setTimeout(interrupt, 300),
    });
    expect([outcome.exit, outcome.stderr.includes("not affected")]).toEqual([130, true]);
  });
});

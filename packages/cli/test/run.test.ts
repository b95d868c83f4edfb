import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixture, hx, scratch } from "./run-hx.ts";

const app = ["--harness", fixture("app"), "--models", fixture("app/models.json")];
const household = [
  "--suite",
  "household",
  "--set",
  'generate={"train":2,"validation":2,"sealed":0}',
];

test("prints task, texts, calls, results, processors that acted, totals and the trace", async () => {
  const dir = await scratch();
  const { exit, stdout, stderr } = await hx(dir, ["run", "Talk to the echo.", ...app]);
  expect(stderr).toBe("");
  expect(exit).toBe(0);
  const [trace] = (await readdir(join(dir, ".harnessx/traces"))).filter((name) =>
    name.endsWith(".jsonl"),
  );
  const lines = [
    /^task {5}Talk to the echo\.$/,
    /^harness {2}app [0-9a-f]{12} {3}model chat \(scripted\) {3}seed 1$/,
    /hello changed taskStart: appendSystem "Greet/,
    /^ {2}1 {2}▸ echo turn 1$/,
    /^ {7}echo: turn 1$/,
    /^ {2}3 {2}All is done now\.$/,
    /^exit {5}done$/,
    /^spent {4}3 steps, 2 tool calls, \d+ tokens, \$0, /,
    new RegExp(`^trace {4}\\.harnessx/traces/${trace}$`),
  ];
  for (const line of lines)
    expect(
      stdout.split("\n").some((text) => line.test(text)),
      String(line),
    ).toBe(true);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("--json is the result", async () => {
  const outcome = await hx(await scratch(), ["run", "Talk.", ...app, "--seed", "7", "--json"]);
  expect(outcome.exit).toBe(0);
  expect(outcome.json()).toMatchObject({
    runId: expect.any(String),
    exit: "done",
    output: "All is done now.",
    totals: { steps: 3, toolCalls: 2 },
    harness: { executed: expect.stringMatching(/^sha256-/) },
    trace: expect.stringMatching(/\.jsonl$/),
    ms: expect.any(Number),
  });
});

test("a task of a suite is scored, and the exit code says whether it passed", async () => {
  const dir = await scratch();
  const passed = await hx(dir, ["run", ...household, "--model", "oracle", "--json"]);
  expect(passed.exit).toBe(0);
  expect(passed.json()).toMatchObject({
    exit: "done",
    score: { passed: true, score: 1 },
    task: expect.any(String),
  });

  const failed = await hx(dir, [
    "run",
    ...household,
    "--model",
    "oracle",
    "--max-steps",
    "1",
    "--json",
  ]);
  expect(failed.exit).toBe(1);
  expect(failed.json()).toMatchObject({ exit: "budget_steps", score: { passed: false } });

  const { task } = passed.json();
  const chosen = await hx(dir, [
    "run",
    ...household,
    "--model",
    "oracle",
    "--task",
    task.slice(0, 12),
    "--json",
  ]);
  expect(chosen.json().task).toBe(task);
  const unknown = await hx(dir, [
    "run",
    ...household,
    "--model",
    "oracle",
    "--task",
    "nope",
    "--json",
  ]);
  expect([unknown.exit, unknown.json().code]).toEqual([3, "HX_CLI_TASK_UNKNOWN"]);
});

test("a failing model ends the run with code and hint, and exit code 1", async () => {
  const dir = await scratch();
  const text = await hx(dir, ["run", "x", "--model", "oracle"]);
  expect(text.exit).toBe(1);
  expect(text.stdout).toMatch(/^exit {5}model_error/m);
  expect(text.stdout).toMatch(/^error {4}HX_/m);
  const outcome = await hx(dir, ["run", "x", "--model", "oracle", "--json"]);
  expect(outcome.json()).toMatchObject({
    exit: "model_error",
    error: { code: expect.stringMatching(/^HX_/), hint: expect.any(String) },
  });
});

test("a call that needs approval parks the run; resume goes on with the decision", async () => {
  const dir = await scratch();
  const parked = await hx(dir, ["run", "x", ...app, "--interrupt-on", "echo"]);
  expect(parked.exit).toBe(1);
  expect(parked.stdout).toContain("waits for approval as call-1");
  const [, next = ""] = /^next {5}hx (resume .*)$/m.exec(parked.stdout) ?? [];
  expect(next).toContain("--approve call-1");

  const undecided = await hx(dir, ["resume", "latest", ...app, "--json"]);
  expect(undecided.exit).toBe(1);
  expect(undecided.json()).toMatchObject({
    exit: "interrupted",
    pending: { call: { id: "call-1" } },
  });

  // The approval was for one call: the next one asks again.
  const resumed = await hx(dir, next.split(" "));
  expect(resumed.exit).toBe(1);
  expect(resumed.stdout).toContain("? call call-1: approve");
  expect(resumed.stdout).toContain("waits for approval as call-2");

  const rest = await hx(dir, ["resume", "latest", ...app, "--approve", "all"]);
  expect(rest.exit).toBe(0);
  expect(rest.stdout).toContain("All is done now.");

  const again = await hx(dir, ["resume", "latest", ...app, "--json"]);
  expect([again.exit, again.json().code]).toEqual([3, "HX_RESUME_FINISHED"]);
});

test("--approve decides at once, or asks", async () => {
  const dir = await scratch();
  const guarded = ["run", "x", ...app, "--interrupt-on", "echo"];
  const granted = await hx(dir, [...guarded, "--approve", "auto"]);
  expect([granted.exit, granted.stdout.includes("echo: turn 2")]).toEqual([0, true]);
  const refused = await hx(dir, [...guarded, "--approve", "never"]);
  expect(refused.stdout).toContain("refused ");
  expect(refused.stdout).not.toContain("echo: turn");
  const asked = await hx(dir, guarded, { answers: ["y", "n"] });
  expect(asked.stderr).toContain('echo {"text":"turn 1"}\nAllow? [y/N]');
  expect(asked.stdout).toContain("echo: turn 1");
  expect(asked.stdout).not.toContain("echo: turn 2");
});

test("a suite's run that was cut off goes on in an environment brought to where it stopped", async () => {
  const dir = await scratch();
  const suite = ["--suite", "household", "--set", 'generate={"train":1,"validation":0,"sealed":0}'];
  const whole = await hx(dir, ["run", ...suite, "--model", "oracle", "--json"]);
  const { trace, totals } = whole.json();
  const lines = (await readFile(trace, "utf8")).trimEnd().split("\n");
  const half = lines.slice(0, Math.floor(lines.length / 2));
  const { writeFile } = await import("node:fs/promises");
  await writeFile(trace, `${half.join("\n")}\n{"torn`);
  const resumed = await hx(dir, ["resume", trace, ...suite.slice(2), "--json"]);
  expect(resumed.exit).toBe(0);
  expect(resumed.json()).toMatchObject({ exit: "done", score: { passed: true }, totals });
});

test("Ctrl-C ends the run as aborted, and its trace stays", async () => {
  const dir = await scratch();
  const slow = ["--harness", fixture("app"), "--models", fixture("app/slow-models.json")];
  const outcome = await hx(dir, ["run", "x", ...slow], {
    onStart: (interrupt) => setTimeout(interrupt, 600),
  });
  expect(outcome.exit).toBe(130);
  expect(outcome.stdout).toMatch(/^exit {5}aborted {2}Interrupted with Ctrl-C\.$/m);
  const shown = await hx(dir, ["trace", "show", "latest", "--json"]);
  expect(shown.json().summary).toMatchObject({ exit: "aborted" });
});

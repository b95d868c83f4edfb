import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fixture, scratch, spawnHx } from "./run-hx.ts";

// Signals to a process group do not exist there; the same path is tested in-process.
test.skipIf(process.platform === "win32")(
  "SIGINT ends a run as aborted, prints its end and keeps a trace that replays",
  async () => {
    const dir = await scratch();
    const app = ["--harness", fixture("app")];
    const { child, outcome } = spawnHx(dir, [
      "run",
      "x",
      ...app,
      "--models",
      fixture("app/slow-models.json"),
    ]);
    // The first result means that the run is in the middle of its steps.
    for (
      let text = "";
      !text.includes("echo: turn 1");
      text += String((await once(child.stdout!, "data"))[0])
    );
    child.kill("SIGINT");
    const { exit, stdout } = await outcome;
    expect(exit).toBe(130);
    expect(stdout).toMatch(/^exit {5}aborted/m);
    const replay = await spawnHx(dir, ["trace", "replay", "latest", ...app]).outcome;
    expect([replay.exit, replay.stdout]).toEqual([0, expect.stringMatching(/^identical/)]);
  },
);

test("errors go to stderr, their exit code to the shell", async () => {
  const { exit, stdout, stderr } = await spawnHx(await scratch(), ["run", "hello"]).outcome;
  expect([exit, stdout]).toEqual([3, ""]);
  expect(stderr).toMatch(/^HX_CLI_MODEL_MISSING: /);
});

test("nothing heavy is loaded before a command needs it", async () => {
  const src = fileURLToPath(new URL("../src", import.meta.url));
  const files = (await readdir(src, { recursive: true })).filter((name) => name.endsWith(".ts"));
  for (const file of files) {
    const [imports = ""] = (await readFile(join(src, file), "utf8")).split("\n\n");
    expect(imports, file).not.toMatch(/^import (?!type )[^;"]*"@harnessx\//m);
  }
});

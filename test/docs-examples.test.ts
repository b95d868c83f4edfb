import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const example = (...path: string[]): string => join(root, "examples", ...path);

/** Runs Node as the READMEs of the examples say, from source. */
async function node(cwd: string, args: readonly string[]): Promise<string> {
  const { NODE_OPTIONS: _inherited, ...env } = process.env;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@harnessx/source", "--import", tsx, ...args],
    { cwd, env: { ...env, NO_COLOR: "1" } },
  );
  return stdout;
}

const hx = (cwd: string, ...args: string[]): Promise<string> =>
  node(cwd, [join(root, "packages", "cli", "src", "main.ts"), ...args]);

describe("examples", { timeout: 120_000 }, () => {
  test("embed-in-existing-agent streams, is approved, resumes and replays", async () => {
    const printed = await node(root, [example("embed-in-existing-agent", "main.ts")]);
    expect(
      printed
        .trim()
        .split("\n")
        .map((line) => line.trim()),
    ).toEqual([
      "Let me look at it.",
      '> find_order {"order":"A-2"}',
      "It is not paid.",
      "interrupted: Calls of cancel_order need approval. (2 orders)",
      "done: Order A-2 is cancelled. (1 order)",
      "replay: identical",
    ]);
  });

  test("third-party-processor passes its own tests", async () => {
    const printed = await node(example("third-party-processor"), ["--test", "test/mask.test.mjs"]);
    expect(printed).toMatch(/# pass 4\n# fail 0/);
  });

  test("quickstart loads, runs and can be measured", async () => {
    const checked = await hx(root, "manifest", "check", "examples/quickstart", "--json");
    const { processors } = JSON.parse(checked) as { processors: { id: string }[] };
    expect(processors.map(({ id }) => id)).toEqual(["loops"]);
    const models = ["--models", "examples/quickstart/models.json"];
    const args = ["household", ...models, "--vs", "examples/quickstart", "--tasks", "6", "--json"];
    const report = JSON.parse(await hx(root, "bench", ...args)) as Record<string, unknown>;
    expect(report).toMatchObject({ policy: "tiny-policy", trials: 6, vs: { trials: 6 } });
  });
});

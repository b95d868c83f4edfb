// Runs the official conformance suite against our client: `npm run conformance:mcp [-- <scenario>]`.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const suite = join(
  dirname(require.resolve("@modelcontextprotocol/conformance/package.json")),
  "dist",
  "index.js",
);
/** One file, because the suite starts all its scenarios at once. */
const bundled = join(here, "..", ".harnessx", "client.mjs");

const bundle = () =>
  build({
    entry: { client: join(here, "client.ts") },
    outDir: dirname(bundled),
    outExtension: () => ({ js: ".mjs" }),
    format: "esm",
    target: "node20",
    config: false,
    silent: true,
    clean: false,
    noExternal: [/^@harnessx\//],
    esbuildOptions: (options) => void (options.conditions = ["@harnessx/source"]),
  });

/** The requirement sets of the revisions that the client speaks. */
export const REVISIONS = ["2025-11-25", "2026-07-28"];

/** Runs one set, or one scenario of it; gives exit code and output. */
export async function conformance(revision, scenario) {
  await bundle();
  const whole = await run(revision, scenario);
  if (scenario || whole.code === 0) return whole;
  // The suite starts all its scenarios at once, which a busy machine does not stand: each that failed is tried alone.
  const { output } = whole;
  const [scored = "", unscored = ""] = output
    .slice(output.indexOf("SUITE SUMMARY"))
    .split("Not scored");
  const failed = [...scored.matchAll(/✗ ([^:\s]+):/g)].map((match) => match[1]);
  const again = failed.filter((name) => !unscored.includes(`✗ ${name} (`));
  const alone = [];
  for (const name of again) alone.push({ name, ...(await run(revision, name)) });
  const still = alone.filter(({ code }) => code !== 0);
  const report = `Alone: ${alone.map(({ name, code }) => `${code === 0 ? "✓" : "✗"} ${name}`).join(", ")}`;
  return { code: again.length > 0 && still.length === 0 ? 0 : 1, output: `${output}\n${report}\n` };
}

async function run(revision, scenario) {
  const out = mkdtempSync(join(tmpdir(), "harnessx-conformance-out-"));
  const which = scenario
    ? ["--scenario", scenario, "--spec-version", revision]
    : ["--requirements", revision];
  const failures = join(here, "expected-failures.yaml");
  const expected =
    scenario || !/^ +- /m.test(readFileSync(failures, "utf8"))
      ? []
      : ["--expected-failures", failures];
  const args = [
    "--import",
    join(here, "node20-hook.mjs"),
    suite,
    "client",
    "--command",
    `node ${bundled}`,
    ...which,
    ...expected,
    "-o",
    out,
    "--timeout",
    process.env["CONFORMANCE_TIMEOUT"] ?? "60000",
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.once("close", (code) => {
      rmSync(out, { recursive: true, force: true });
      resolve({ code, output });
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let failed = 0;
  const [scenario, only] = process.argv.slice(2);
  for (const revision of REVISIONS.filter((one) => only === undefined || one === only)) {
    const { code, output } = await conformance(revision, scenario);
    process.stdout.write(
      `${output}\n${revision}: ${code === 0 ? "conforms" : `fails (${code})`}\n`,
    );
    failed ||= code;
  }
  process.exitCode = failed;
}

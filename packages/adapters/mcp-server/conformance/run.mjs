// Runs the official conformance suite against our server: `npm run conformance:mcp-server [-- <revision>]`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const suite = join(
  dirname(require.resolve("@modelcontextprotocol/conformance/package.json")),
  "dist",
  "index.js",
);
/** The client's conformance run has it: the suite does not start on Node 20 without. */
const hook = join(here, "..", "..", "mcp", "conformance", "node20-hook.mjs");
const failures = join(here, "expected-failures.yaml");

/** The requirement sets of the revisions that the server speaks. */
export const REVISIONS = ["2025-11-25", "2026-07-28"];

async function startServer() {
  const tsx = pathToFileURL(require.resolve("tsx")).href;
  const { NODE_OPTIONS: _inherited, ...env } = process.env;
  const args = ["--conditions=@harnessx/source", "--import", tsx, join(here, "server.ts")];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
  const [line] = await once(child.stdout, "data");
  return { url: String(line).trim(), stop: () => child.kill() };
}

/** Runs one set of requirements; gives exit code and output. */
export async function conformance(revision) {
  const server = await startServer();
  const out = mkdtempSync(join(tmpdir(), "harnessx-conformance-out-"));
  const expected = /^ +- /m.test(readFileSync(failures, "utf8"))
    ? ["--expected-failures", failures]
    : [];
  const args = [
    "--import",
    hook,
    suite,
    "server",
    "--url",
    server.url,
    "--requirements",
    revision,
    ...expected,
    "-o",
    out,
  ];
  try {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => (output += chunk));
    const [code] = await once(child, "close");
    return { code, output };
  } finally {
    server.stop();
    rmSync(out, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [only] = process.argv.slice(2);
  for (const revision of REVISIONS.filter((one) => only === undefined || one === only)) {
    const { code, output } = await conformance(revision);
    process.stdout.write(
      `${output}\n${revision}: ${code === 0 ? "conforms" : `fails (${code})`}\n`,
    );
    process.exitCode ||= code;
  }
}

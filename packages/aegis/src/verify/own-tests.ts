import { spawn } from "node:child_process";
import { join } from "node:path";

const TIMEOUT_MS = 20_000;
const MAX_OUTPUT = 4000;

/** Node's permission model under the name it has in this version, or nothing. */
const PERMISSION = ["--permission", "--experimental-permission"].find((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag),
);

/**
 * Runs a package's own tests in a process of their own: no environment variables, nothing to read
 * but the package, no processes, and an end after 20 seconds.
 */
export async function ownTests(dir: string, files: readonly string[]): Promise<string[]> {
  const findings: string[] = [];
  for (const file of files) findings.push(...(await runOne(dir, file)));
  return findings;
}

function runOne(dir: string, file: string): Promise<string[]> {
  return new Promise((resolve) => {
    const restricted =
      PERMISSION === undefined
        ? []
        : [PERMISSION, `--allow-fs-read=${join(dir, "*")}`, "--no-warnings"];
    const child = spawn(process.execPath, [...restricted, join(dir, file)], {
      cwd: dir,
      env: {},
      stdio: ["ignore", "pipe", "pipe"],
      timeout: TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
    let output = "";
    const keep = (chunk: Buffer): void => {
      if (output.length < MAX_OUTPUT) output += chunk.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (thrown) => resolve([`${file}: ${thrown.message}`]));
    child.on("close", (code, signal) => {
      if (signal) resolve([`${file} did not end within ${TIMEOUT_MS / 1000} s`]);
      else if (code === 0) resolve([]);
      else resolve([`${file} failed: ${failureOf(output)}`]);
    });
  });
}

/** The lines of a test report that say what failed. */
function failureOf(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const telling = lines.filter((line) => /^(?:not ok|error:|✖|Error|\w*Error:)/.test(line));
  return (telling.length > 0 ? telling : lines.filter((line) => line !== ""))
    .slice(0, 4)
    .join("; ")
    .slice(0, 400);
}

// Where the packages are: shared by the other scripts.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

export const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/** Every workspace package as { dir, manifest }, with `dir` relative to the root. */
export function workspacePackages() {
  const dirs = readJson(join(root, "package.json")).workspaces.flatMap((pattern) =>
    pattern.endsWith("/*")
      ? readdirSync(join(root, pattern.slice(0, -2))).map((name) => pattern.slice(0, -1) + name)
      : [pattern],
  );
  return dirs
    .filter((dir) => existsSync(join(root, dir, "package.json")))
    .map((dir) => ({ dir, manifest: readJson(join(root, dir, "package.json")) }));
}

/** Runs a command, shows its output, and ends this script with its status when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
    ...options,
  });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    console.error(`failed (${result.status ?? result.signal}): ${command} ${args.join(" ")}`);
    if (result.stdout) console.error(String(result.stdout));
    if (result.stderr) console.error(String(result.stderr));
    process.exit(result.status || 1);
  }
  return result.stdout === null ? "" : String(result.stdout);
}

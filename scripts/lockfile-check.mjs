// Proves that `npm ci` accepts package-lock.json: copies the package files to an empty folder and
// installs there. Run it after every change of a dependency.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run, workspacePackages } from "./workspaces.mjs";

const resolved = readFileSync(join(root, "package-lock.json"), "utf8").matchAll(
  /"resolved": "(\w+:\/\/[^/"]+)/g,
);
const hosts = new Set([...resolved].map((match) => match[1]));
if (hosts.size > 0) {
  console.error(`package-lock.json names a registry: ${[...hosts].join(", ")}`);
  process.exit(1);
}

const target = mkdtempSync(join(tmpdir(), "harnessx-lockfile-"));
try {
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) {
    if (existsSync(join(root, file))) copyFileSync(join(root, file), join(target, file));
  }
  for (const { dir } of workspacePackages()) {
    mkdirSync(join(target, dir), { recursive: true });
    copyFileSync(join(root, dir, "package.json"), join(target, dir, "package.json"));
  }
  run("npm", ["ci", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: target });
  console.log("lockfile accepted");
} finally {
  rmSync(target, { recursive: true, force: true });
}

// Proves that what would be published works for someone who installs it: builds, lints the packages,
// packs them, installs the tarballs into an empty project together with a freshly generated plugin,
// and runs an agent there. No source of this repository is reachable from that project.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run, workspacePackages } from "./workspaces.mjs";

const keep = process.argv.includes("--keep");
const scratch = mkdtempSync(join(tmpdir(), "harnessx-pack-"));
const tarballs = join(scratch, "tarballs");
const plugin = join(scratch, "plugin");
const app = join(scratch, "app");
const quiet = { stdio: "pipe", encoding: "utf8" };

const step = (title) => console.log(`\n=== ${title}`);
const install = (cwd, packages) =>
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...packages], { cwd });

/** Packs the package in `dir` and returns the path of its tarball. */
function pack(dir) {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", tarballs];
  const [packed] = JSON.parse(run("npm", args, { ...quiet, cwd: dir }));
  return join(tarballs, packed.filename);
}

function build() {
  step("build");
  run(process.execPath, ["scripts/build.mjs"]);
}

/** name -> tarball, for every workspace package. */
function packAll() {
  step("pack");
  mkdirSync(tarballs);
  return new Map(
    workspacePackages().map(({ dir, manifest }) => [manifest.name, pack(join(root, dir))]),
  );
}

function lintPackages(packed) {
  step("publint, are the types wrong");
  for (const [name, tarball] of packed) {
    run("npx", ["--no-install", "publint", "run", tarball, "--strict"], quiet);
    const { manifest } = workspacePackages().find((entry) => entry.manifest.name === name);
    // A package with a command and no entry point has no types to check.
    if (!manifest.exports["."]) continue;
    run("npx", ["--no-install", "attw", tarball, "--profile", "esm-only"], quiet);
    console.log(`ok ${name}`);
  }
}

/** A plugin as a third party starts it: `hx plugin new`, then its own install, test and pack. */
function generatePlugin(packed) {
  step("hx plugin new");
  const hx = join(root, "packages/cli/dist/main.js");
  run(process.execPath, [hx, "plugin", "new", "pack-smoke", "--dir", plugin]);
  install(plugin, ["--no-save", packed.get("@harnessx/core")]);
  run("npm", ["test"], { cwd: plugin }); // type-checks, builds, runs the conformance kit
  return pack(plugin);
}

function runInEmptyProject(packed, pluginTarball) {
  step("install into an empty project and run");
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), JSON.stringify({ private: true, type: "module" }));
  install(app, [
    packed.get("@harnessx/core"),
    packed.get("@harnessx/processor-hello"),
    pluginTarball,
  ]);
  copyFileSync(join(root, "scripts/pack-smoke-app.mjs"), join(app, "main.mjs"));
  run(process.execPath, ["main.mjs"], { cwd: app });
}

/** The whole command, installed from its tarball: it answers, and its demo finds its data. */
function runTheCommand(packed) {
  step("install hx and run it");
  const project = join(scratch, "cli");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  install(project, [...packed.values()]);
  run("npx", ["--no-install", "hx", "--version"], { cwd: project });
  const output = run("npx", ["--no-install", "hx", "demo", "--json"], { ...quiet, cwd: project });
  writeFileSync(join(project, "demo.json"), output);
  run(process.execPath, ["scripts/check-demo.mjs", join(project, "demo.json")]);
}

try {
  build();
  const packed = packAll();
  lintPackages(packed);
  runInEmptyProject(packed, generatePlugin(packed));
  runTheCommand(packed);
  console.log(`\n${readdirSync(tarballs).length} packages packed, installed and run`);
} finally {
  if (keep) console.log(`kept: ${scratch}`);
  else rmSync(scratch, { recursive: true, force: true });
}

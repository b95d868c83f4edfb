// Builds every package: tsup writes the JavaScript, `tsc -b` the declarations.
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "tsup";
import { root, run, workspacePackages } from "./workspaces.mjs";

const packages = workspacePackages();

for (const { dir } of packages) {
  rmSync(join(root, dir, "dist"), { recursive: true, force: true });
  rmSync(join(root, dir, "tsconfig.build.tsbuildinfo"), { force: true });
}

for (const { dir } of packages) {
  process.chdir(join(root, dir)); // tsup reads its configuration and entries from here
  await build({ config: "tsup.config.ts" });
  copyFileSync(join(root, "LICENSE"), "LICENSE");
}
process.chdir(root);

run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", "tsconfig.build.json"]);

// tsc rewrites "./x.ts" to "./x.js" in JavaScript but not in declarations.
const specifier = /((?:from|import)\s*\(?\s*["'])(\.{1,2}\/[^"']+?)\.ts(["'])/g;
for (const { dir } of packages) {
  const dist = join(root, dir, "dist");
  for (const name of readdirSync(dist, { recursive: true })) {
    if (!name.endsWith(".d.ts")) continue;
    const file = join(dist, name);
    const text = readFileSync(file, "utf8");
    const rewritten = text.replace(specifier, "$1$2.js$3");
    if (rewritten !== text) writeFileSync(file, rewritten);
  }
}

console.log(`built ${packages.length} packages`);

// npm run new -- <name>: copies the template processor `hello` to packages/processors/<name>.
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { readJson, root, run } from "./workspaces.mjs";

const name = process.argv[2] ?? "";
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
  console.error("usage: npm run new -- <name>   (kebab-case)");
  process.exit(2);
}
const source = join(root, "packages/processors/hello");
const target = join(root, "packages/processors", name);
if (existsSync(target)) {
  console.error(`packages/processors/${name} exists already`);
  process.exit(2);
}

const pascal = name.replace(/(?:^|-)(.)/g, (_, letter) => letter.toUpperCase());
const camel = pascal[0].toLowerCase() + pascal.slice(1);
const rename = (text) =>
  text
    .replaceAll("processor-hello", `processor-${name}`)
    .replaceAll("processors/hello", `processors/${name}`)
    .replaceAll(/\bHello(?=[A-Z]|\b)/g, pascal)
    .replaceAll(/\bhello(?=[A-Z])/g, camel)
    .replaceAll(/(["'`])hello\1/g, `$1${name}$1`);

const skipped = new Set(["node_modules", "dist", "CHANGELOG.md", "tsconfig.build.tsbuildinfo"]);
cpSync(source, target, { recursive: true, filter: (file) => !skipped.has(basename(file)) });
for (const entry of readdirSync(target, { recursive: true })) {
  const file = join(target, entry);
  if (!statSync(file).isFile()) continue;
  writeFileSync(file, rename(readFileSync(file, "utf8")));
  if (basename(file).startsWith("hello.")) {
    renameSync(file, join(dirname(file), basename(file).replace("hello", name)));
  }
}

const manifestFile = join(target, "package.json");
const manifest = readJson(manifestFile);
manifest.version = "0.1.0";
manifest.description = `The ${name} processor.`;
writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);

const buildFile = join(root, "tsconfig.build.json");
const build = readJson(buildFile);
build.references.push({ path: `./packages/processors/${name}/tsconfig.build.json` });
writeFileSync(buildFile, `${JSON.stringify(build, null, 2)}\n`);

rmSync(join(target, "tsconfig.build.tsbuildinfo"), { force: true });
run("npm", ["install", "--no-audit", "--no-fund"]);
run("npx", ["--no-install", "oxfmt", "tsconfig.build.json", `packages/processors/${name}`]);
console.log(`packages/processors/${name} is ready: describe it in package.json, then run npm test`);

import type { GeneratedPackage } from "../evolve/index.ts";

const MAX_FILES = 64;
const MAX_BYTES = 256 * 1024;

/** What a package may contain; the gate builds `dist` itself and refuses one that is shipped. */
const ALLOWED = [
  /^package\.json$/,
  /^options\.schema\.json$/,
  /^README\.md$/,
  /^src\/[a-z0-9-]+\.ts$/,
  /^test\/[a-z0-9-]+\.test\.ts$/,
];

/** Keys of package.json that say something about the package and make nothing happen. */
const KEYS = new Set([
  "name",
  "version",
  "description",
  "keywords",
  "license",
  "author",
  "type",
  "exports",
  "peerDependencies",
  "harnessx",
]);

/** Checks what a package consists of without reading any of its code. */
export function intake({ name, version, files }: GeneratedPackage): string[] {
  const findings: string[] = [];
  const paths = Object.keys(files);
  const unreadable = paths.filter((path) => typeof files[path] !== "string");
  if (unreadable.length > 0) return unreadable.map((path) => `the file ${path} is no text`);
  if (paths.length > MAX_FILES)
    findings.push(`it has ${paths.length} files, more than ${MAX_FILES}`);
  const bytes = Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MAX_BYTES) findings.push(`it has ${bytes} bytes, more than ${MAX_BYTES}`);
  for (const path of paths) {
    if (!ALLOWED.some((pattern) => pattern.test(path)))
      findings.push(`the file ${JSON.stringify(path).slice(0, 100)} is not allowed`);
  }
  const folded = new Map<string, string>();
  for (const path of paths) {
    const key = path.normalize("NFC").toLowerCase();
    const other = folded.get(key);
    if (other !== undefined) findings.push(`${other} and ${path} differ in case alone`);
    folded.set(key, path);
  }
  for (const needed of ["package.json", "README.md", "src/index.ts", "test/index.test.ts"]) {
    if (!Object.hasOwn(files, needed)) findings.push(`${needed} is missing`);
  }
  return [...findings, ...checkPackageJson(name, version, files["package.json"] ?? "{}")];
}

function checkPackageJson(name: string, version: string, text: string): string[] {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return ["package.json is not JSON"];
  }
  const findings = Object.keys(parsed)
    .filter((key) => !KEYS.has(key))
    .map((key) => `package.json has the field ${key}`);
  if (parsed["name"] !== name)
    findings.push("package.json has another name than the candidate says");
  if (parsed["version"] !== version)
    findings.push("package.json has another version than the candidate says");
  if (!/^[a-z0-9-]+$/.test(name)) findings.push(`the name ${name} is not plain`);
  if (!/^\d+\.\d+\.\d+$/.test(version)) findings.push(`the version ${version} is not plain`);
  if (parsed["exports"] !== "./dist/index.js") findings.push("its exports are not ./dist/index.js");
  if (parsed["type"] !== "module") findings.push("it is not an ES module");
  const peers = Object.keys((parsed["peerDependencies"] ?? {}) as object);
  if (peers.some((peer) => peer !== "@harnessx/core"))
    findings.push("it has peer dependencies beside @harnessx/core");
  return findings;
}

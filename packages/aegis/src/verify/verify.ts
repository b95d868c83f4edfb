import { createHash } from "node:crypto";
import {
  access,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { inspectPlugin, messageOf } from "@harnessx/core";
import { testPlugin } from "@harnessx/core/testing";
import { packageDigest, STORE, storeName, type GeneratedPackage } from "../evolve/index.ts";
import { build, CONTRACT } from "./build.ts";
import { compilerVersion, typeErrors } from "./compiler.ts";
import { intake } from "./intake.ts";
import { ownTests } from "./own-tests.ts";
import type { CheckResult, VerificationCheck, VerificationReport } from "./report.ts";
import { sourcePolicy } from "./source-policy.ts";

/** Changes with the rules of this folder; part of every report. */
const RULES = 1;

export interface VerifyOptions {
  /** The workspace whose plugin store takes the package when it passes; without it nothing is kept. */
  readonly dir?: string;
  /** Recorded runs (trace files) that the conformance kit drives the package through. */
  readonly traces?: readonly string[];
}

/** A report, and where the verified package lies in the plugin store. */
export interface Verified {
  readonly report: VerificationReport;
  readonly folder?: string;
}

/**
 * Verifies a generated package: what it consists of, its metadata, its source, its types; builds
 * it, runs its own tests and the conformance kit. Nothing of it runs before source and types have
 * passed. Never throws for a bad package.
 *
 * The bytes that pass are the bytes that are measured and shipped: the package is put into the
 * content-addressed store of the workspace, read-only.
 */
export async function verifyPackage(
  generated: GeneratedPackage,
  options: VerifyOptions = {},
): Promise<Verified> {
  const checks: CheckResult[] = [];
  const check = async (
    name: VerificationCheck,
    find: () => Promise<readonly string[]> | readonly string[],
  ): Promise<boolean> => {
    let findings: readonly string[];
    try {
      findings = await find();
    } catch (thrown) {
      findings = [messageOf(thrown)];
    }
    checks.push({ check: name, ok: findings.length === 0, findings });
    return findings.length === 0;
  };
  const { files } = generated;
  const staging = await realpath(await mkdtemp(join(tmpdir(), "harnessx-verify-")));
  try {
    const passed =
      (await check("intake", () => intake(generated))) &&
      (await check("metadata", () => metadata(staging, generated))) &&
      (await check("source-policy", () => sourcePolicy(files))) &&
      (await check("types", () => typeErrors(files))) &&
      (await buildAndTest(staging, files, check)) &&
      (await check("conformance", () => conformance(staging, options.traces ?? [])));
    const report: VerificationReport = {
      v: 1,
      package: generated.name,
      version: generated.version,
      digest: packageDigest(files),
      toolchain: toolchain(),
      ok: passed,
      checks,
    };
    if (!passed || options.dir === undefined) return { report };
    return { report, folder: await putIntoStore(options.dir, generated) };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function metadata(staging: string, generated: GeneratedPackage): Promise<string[]> {
  await writeFiles(staging, generated.files);
  const plugin = await inspectPlugin(staging);
  if (plugin.metadata.kind !== "processor")
    return [`generated packages are processors, not of kind ${plugin.metadata.kind}`];
  const { capabilities = {} } = plugin.metadata;
  return Object.keys(capabilities).map((name) => `it asks for the capability ${name}`);
}

async function buildAndTest(
  staging: string,
  files: Readonly<Record<string, string>>,
  check: (name: VerificationCheck, find: () => Promise<readonly string[]>) => Promise<boolean>,
): Promise<boolean> {
  let tests: string[] = [];
  const built = await check("build", async () => {
    const { dist, test } = await build(files);
    await writeFiles(staging, { ...dist, ...test });
    tests = Object.keys(test);
    return [];
  });
  return built && (await check("own-tests", () => ownTests(staging, tests)));
}

async function conformance(staging: string, traces: readonly string[]): Promise<string[]> {
  const report = await testPlugin(staging, { traces });
  return report.checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
}

/** Writes source and build into the store; a package that is there already is left alone. */
async function putIntoStore(dir: string, generated: GeneratedPackage): Promise<string> {
  const store = join(dir, STORE);
  const folder = join(store, storeName(generated));
  const there = await access(join(folder, "package.json")).then(
    () => true,
    () => false,
  );
  if (there) return folder;
  await mkdir(store, { recursive: true });
  const temporary = await mkdtemp(join(store, ".new-"));
  const { dist } = await build(generated.files);
  await writeFiles(temporary, { ...generated.files, ...dist });
  await makeReadOnly(temporary);
  await rename(temporary, folder);
  return folder;
}

async function writeFiles(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
}

/** Folders stay writable, so that a person can still remove the store. */
async function makeReadOnly(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await makeReadOnly(path);
    else await chmod(path, 0o444);
  }
}

/** What a verdict on a package depends on beside the package. */
export function toolchain(): string {
  return createHash("sha256")
    .update(JSON.stringify([RULES, compilerVersion(), CONTRACT]))
    .digest("hex");
}

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply, loadHarness, readManifest } from "@harnessx/core";
import type { Capabilities, LoadedHarness, ManifestEdit } from "@harnessx/core";
import {
  install,
  JOURNAL,
  listGenerations,
  openJournal,
  packageDigest,
  readJournal,
  storePackages,
  usePath,
  verificationChecks,
  verifyWorkspace,
  withoutCode,
  type GeneratedPackage,
  type InstallRequest,
  type VerificationReport,
} from "../../src/index.ts";
import { openIntent } from "../../src/install/intent.ts";
import { presentVersion } from "../../src/install/lineage.ts";
import { soundGeneration } from "../../src/install/rollback.ts";
import { putIntoStore } from "../../src/verify/files.ts";

/* A workspace with packages that lie verified in its store: what `install` starts from. */

export async function makeFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `aegis-${name}-`));
}

/** A small processor package, or one of tools when it needs capabilities. */
export function packageOf(number: number, capabilities: Capabilities = {}): GeneratedPackage {
  const name = `evolved-${number}`;
  const isTools = Object.keys(capabilities).length > 0;
  const harnessx = isTools
    ? { api: 1, kind: "tools", capabilities }
    : { api: 1, kind: "processor", dimension: "context", hooks: ["beforeModel"], group: name };
  const json = {
    name,
    version: "1.0.0",
    type: "module",
    exports: "./dist/index.js",
    harnessx,
  };
  return {
    name,
    version: "1.0.0",
    files: {
      "package.json": `${JSON.stringify(json, null, 2)}\n`,
      "README.md": `# ${name}\n`,
      "src/index.ts": `export default ${number};\n`,
    },
  };
}

const distOf = ({ files }: GeneratedPackage): string =>
  files["package.json"]!.includes('"tools"')
    ? `export default { harnessx: "tools", create: () => [] };\n`
    : `export default { harnessx: "processor", setup: () => undefined };\n`;

/** The report of a verification that found nothing. */
export function reportOf({ name, version, files }: GeneratedPackage): VerificationReport {
  return {
    v: 1,
    package: name,
    version,
    digest: packageDigest(files),
    content: packageDigest(files),
    policy: "0".repeat(64),
    toolchain: "1".repeat(64),
    seed: 1,
    ok: true,
    retry: false,
    checks: verificationChecks.map((check) => ({
      check,
      status: "pass",
      ok: true,
      counts: {},
      findings: [],
    })),
  };
}

/** A workspace with a bare harness and these packages in its store. */
export async function installWorld(packages: readonly GeneratedPackage[]): Promise<string> {
  const dir = await makeFolder("world");
  await writeFile(
    join(dir, "harness.json"),
    JSON.stringify({ name: "w", version: "1", limits: { maxSteps: 9 } }),
  );
  for (const one of packages) await putIntoStore(dir, one, { "dist/index.js": distOf(one) });
  return dir;
}

/** The edit that brings a package in. */
export function insertEdit(generated: GeneratedPackage): ManifestEdit[] {
  const tools = generated.files["package.json"]!.includes('"tools"');
  const entry = { id: generated.name, use: usePath(generated) };
  return [{ op: "insert", section: tools ? "tools" : "processors", after: null, entry }];
}

/** The harness that stands, without any of its code. */
export const present = (dir: string): Promise<LoadedHarness> =>
  loadHarness(join(dir, "harness.json"), { open: withoutCode });

/** What a round asks for when it ships a package. */
export async function requestFor(
  dir: string,
  generated: GeneratedPackage,
  verdict: string,
  more: Partial<InstallRequest> = {},
): Promise<InstallRequest> {
  const edits = insertEdit(generated);
  const applied = apply(edits, await readManifest(join(dir, "harness.json")));
  if (!applied.ok) throw new Error("the edits do not apply");
  const measured = await loadHarness(applied.manifest, {
    root: dir,
    lock: false,
    open: withoutCode,
  });
  return {
    dir,
    journal: openJournal(join(dir, JOURNAL)),
    edits,
    parent: (await present(dir)).hash,
    measured: measured.hash,
    verdict,
    why: "better",
    verified: [reportOf(generated)],
    open: withoutCode,
    ...more,
  };
}

/** Ships a package. */
export const ship = async (
  dir: string,
  generated: GeneratedPackage,
  verdict: string,
  more: Partial<InstallRequest> = {},
): Promise<string> => (await install(await requestFor(dir, generated, verdict, more))).hash;

/** Ids of the processors that stand. */
export const standing = async (dir: string): Promise<string[]> =>
  (await present(dir)).processors.map(({ id }) => id).toSorted((a, b) => (a < b ? -1 : 1));

/**
 * What manifest, lock, store, generations and journal disagree about; empty when they agree. With
 * `settled` nothing may be left to recover either.
 */
export async function disagreements(dir: string, settled: boolean): Promise<string[]> {
  const found: string[] = [];
  const say = (problem: string) => (thrown: unknown) =>
    void found.push(`${problem}: ${String(thrown)}`);
  const events = readJournal(join(dir, JOURNAL));
  const harness = await present(dir).catch(say("the harness does not load"));
  const report = await verifyWorkspace(dir).catch(say("the workspace cannot be checked"));
  if (report && !report.ok) found.push(`an entry does not hold: ${JSON.stringify(report)}`);
  for (const generation of await listGenerations(dir))
    await soundGeneration(dir, generation).catch(say(generation.path));
  if (!harness) return found;
  const begun = openIntent({ events });
  const stands = presentVersion(events);
  if (settled && begun) found.push("an intent is open");
  if (begun && ![begun.version, ...begun.parents].includes(harness.hash))
    found.push("the harness is neither before nor after the intent");
  if (!begun && stands !== undefined && harness.hash !== stands)
    found.push(`${harness.hash} stands, the journal says ${stands}`);
  if (!begun && storePackages(harness.manifest).length > 0 && stands === undefined)
    found.push("something is installed of which the journal knows nothing");
  if (!begun && stands !== undefined) {
    const hash12 = stands.slice("sha256-".length, "sha256-".length + 12);
    if (!(await listGenerations(dir)).some((one) => one.hash12 === hash12))
      found.push("the harness has no generation");
  }
  return found;
}

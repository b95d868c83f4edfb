import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  install,
  JOURNAL,
  openJournal,
  packageDigest,
  usePath,
  withoutCode,
  type GeneratedPackage,
} from "@harnessx/aegis";
import { apply, loadHarness, readManifest } from "@harnessx/core";
import type { LoadedHarness, ManifestEdit } from "@harnessx/core";

/* A workspace in which evolution has installed packages. */

/** A processor that does nothing, or with capabilities a package of no tools. */
export function packageOf(number: number, capabilities?: object): GeneratedPackage {
  const name = `evolved-${number}`;
  const harnessx = capabilities
    ? { api: 1, kind: "tools", capabilities }
    : { api: 1, kind: "processor", dimension: "context", hooks: ["beforeModel"], group: name };
  const json = { name, version: "1.0.0", type: "module", exports: "./dist/index.js", harnessx };
  return { name, version: "1.0.0", files: { "package.json": JSON.stringify(json) } };
}

const isTools = ({ files }: GeneratedPackage): boolean =>
  files["package.json"]!.includes('"tools"');

/** A bare harness, with these packages in its store. */
export async function installWorld(packages: readonly GeneratedPackage[]): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "hx-installed-"));
  await writeFile(join(dir, "harness.json"), JSON.stringify({ name: "w", version: "1" }));
  for (const one of packages) {
    const body = isTools(one)
      ? `{ harnessx: "tools", create: () => [] }`
      : `{ harnessx: "processor", setup: () => undefined }`;
    const files = { ...one.files, "dist/index.js": `export default ${body};\n` };
    for (const [path, text] of Object.entries(files)) {
      const file = join(dir, usePath(one), path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }
  return dir;
}

/** The harness that stands, without any of its code. */
export const present = (dir: string): Promise<LoadedHarness> =>
  loadHarness(join(dir, "harness.json"), { open: withoutCode });

/** Installs a package, as a round does, with the report of a verification that found nothing. */
export async function ship(
  dir: string,
  one: GeneratedPackage,
  verdict: string,
  keys: string,
): Promise<string> {
  const section = isTools(one) ? "tools" : "processors";
  const entry = { id: one.name, use: usePath(one) };
  const edits: ManifestEdit[] = [{ op: "insert", section, after: null, entry }];
  const applied = apply(edits, await readManifest(join(dir, "harness.json")));
  if (!applied.ok) throw new Error("the edits do not apply");
  const open = withoutCode;
  const { hash } = await loadHarness(applied.manifest, { root: dir, lock: false, open });
  const digest = packageDigest(one.files);
  const { name, version } = one;
  const made = { policy: "0", toolchain: "1", seed: 1, ok: true, retry: false, checks: [] };
  await install({
    dir,
    journal: openJournal(join(dir, JOURNAL)),
    edits,
    parent: (await present(dir)).hash,
    measured: hash,
    verdict,
    why: "better",
    verified: [{ v: 1, package: name, version, digest, content: digest, ...made }],
    open,
    keys,
  });
  return hash;
}

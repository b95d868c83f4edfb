import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { apply, loadHarness, parseManifest, readManifest } from "@harnessx/core";
import type { ManifestEdit } from "@harnessx/core";
import { install, JOURNAL, openJournal, STORE } from "../../src/index.ts";

/** The edit that inserts the only package of the workspace's store. */
export async function storedEdit(dir: string): Promise<ManifestEdit[]> {
  const [name] = await readdir(join(dir, STORE));
  return [
    {
      op: "insert",
      section: "processors",
      after: null,
      entry: { id: "evolved", use: `./${STORE}/${name}` },
    },
  ];
}

/** Installs it, as a round would. */
export async function installStored(dir: string): Promise<string> {
  const edits = await storedEdit(dir);
  const applied = apply(edits, await readManifest(join(dir, "harness.json")));
  if (!applied.ok) throw new Error("the edits do not apply");
  const { hash } = await loadHarness(applied.manifest, { root: dir, lock: false });
  await install({
    dir,
    journal: openJournal(join(dir, JOURNAL)),
    edits,
    measured: hash,
    verdict: "verdict-1",
    why: "better",
  });
  return hash;
}

/** Whether the workspace stands before or after the installation, with nothing in between. */
export async function stateOf(dir: string): Promise<"before" | "after" | "mixed"> {
  const manifest = parseManifest(JSON.parse(await readFile(join(dir, "harness.json"), "utf8")));
  const lock = await readFile(join(dir, "harness.lock.json"), "utf8").catch(() => undefined);
  const installed = (manifest.processors ?? []).length === 1;
  const locked =
    lock !== undefined &&
    Object.keys((JSON.parse(lock) as { entries: object }).entries).length === 1;
  if (installed !== locked) return "mixed";
  // Loading checks the package against the lock.
  await loadHarness(join(dir, "harness.json"));
  return installed ? "after" : "before";
}

import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import {
  apply,
  canonicalManifest,
  hashManifest,
  invert,
  loadHarness,
  lockPath,
  parseLock,
  parseManifest,
  readManifest,
  serializeLock,
  serializeManifest,
  sha256Hex,
  writeManifestAndLock,
} from "@harnessx/core";
import type { LoadedHarness, Manifest, ManifestEdit } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import { packageDigest, STORE } from "../evolve/index.ts";
import { openJournal, type InstallIntent, type Journal } from "../journal/index.ts";
import { lockFor, lockOf } from "./lock.ts";

/** The journal's place within a workspace. */
export const JOURNAL = ".harnessx/evolution/journal.jsonl";

export interface InstallRequest {
  /** The workspace: the folder of harness.json. */
  readonly dir: string;
  readonly journal: Journal;
  readonly edits: readonly ManifestEdit[];
  /** Hash of the harness that the gate measured: nothing else may be installed. */
  readonly measured: string;
  /** Id of the verdict. */
  readonly verdict: string;
  readonly why: string;
}

/**
 * Installs what the gate let through: manifest and lock change together, or not at all.
 *
 * The journal first says what will be done (with all of it, so that it can be completed), then the
 * two files are replaced, then the journal says that it is done. `recoverInstall` finishes or undoes
 * whatever a crash leaves. Throws HX_AEGIS_INSTALL_CONFLICT when the workspace has changed since the
 * measurement, HX_AEGIS_STORE_CORRUPT when a package was tampered with.
 */
export async function install(request: InstallRequest): Promise<LoadedHarness> {
  const { dir, journal, edits, measured, verdict, why } = request;
  const file = join(dir, "harness.json");
  const manifest = await readManifest(file);
  const conflict = (problem: string) =>
    aegisError("HX_AEGIS_INSTALL_CONFLICT", { candidate: verdict, dir, problem });
  const applied = apply(edits, manifest);
  if (!applied.ok)
    throw conflict(applied.conflicts.map(({ path, problem }) => `${path}: ${problem}`).join("; "));
  requireUndo(edits, manifest, applied.manifest, conflict);
  const packages = storePackages(applied.manifest);
  for (const path of packages) await requireIntact(dir, path);

  const lockBefore = await lockOf(lockPath(file));
  const ids = new Set(
    [...(manifest.processors ?? []), ...(manifest.tools ?? [])].map(({ id }) => id),
  );
  const lock = await lockFor(applied.manifest, dir, { lock: lockBefore, ids }, verdict);
  // Proposed, measured and about to be deployed must be one and the same harness.
  const harness = await loadHarness(applied.manifest, { root: dir, lock });
  if (harness.hash !== measured)
    throw conflict(`it would be ${harness.hash}, but ${measured} was measured`);

  const intent: InstallIntent = {
    version: harness.hash,
    verdict,
    before: contentHash(manifest),
    after: contentHash(applied.manifest),
    manifest: serializeManifest(applied.manifest),
    lock: serializeLock(lock),
    packages,
  };
  const parents = [hashManifest(canonicalManifest(manifest))];
  journal.append({ t: "install", intent });
  await writeManifestAndLock(dir, applied.manifest, lock);
  journal.append({ t: "ship", version: harness.hash, parents, why });
  return harness;
}

/** What `recoverInstall` found and did. */
export type Recovery = "nothing" | "completed" | "undone";

/**
 * Finishes an installation that a crash cut off. The verdict stands, so it is completed; it is given
 * up only when the manifest has been edited since, or a package is not whole.
 */
export async function recoverInstall(
  dir: string,
  journal: Journal = openJournal(join(dir, JOURNAL)),
): Promise<Recovery> {
  const begun = journal.events.findLast((event) => event.t === "install");
  if (begun?.t !== "install") return "nothing";
  const closed = journal.events.some(
    (event) =>
      event.seq > begun.seq &&
      (event.t === "ship" || event.t === "rollback") &&
      event.version === begun.intent.version,
  );
  if (closed) return "nothing";
  const { intent } = begun;
  const now = contentHash(await readManifest(join(dir, "harness.json")));
  const intact = await Promise.all(intent.packages.map((path) => isIntact(dir, path)));
  if ((now !== intent.before && now !== intent.after) || intact.includes(false)) {
    const why = intact.includes(false)
      ? "a package is not whole"
      : "the manifest was edited after the crash";
    journal.append({ t: "rollback", version: intent.version, parents: [], why });
    return "undone";
  }
  // Also when the manifest is there already: the lock may not be, and a write cleans up after itself.
  await writeManifestAndLock(
    dir,
    parseManifest(JSON.parse(intent.manifest)),
    parseLock(JSON.parse(intent.lock)),
  );
  journal.append({
    t: "ship",
    version: intent.version,
    parents: [],
    why: "completed after a crash",
  });
  return "completed";
}

const contentHash = (manifest: Manifest): string => sha256Hex(serializeManifest(manifest));

/** A ship that cannot be undone is none: the inverse edits must lead back to the hash. */
function requireUndo(
  edits: readonly ManifestEdit[],
  before: Manifest,
  after: Manifest,
  conflict: (problem: string) => Error,
): void {
  const undone = apply(invert(edits), after);
  const hash = (manifest: Manifest): string => hashManifest(canonicalManifest(manifest));
  if (!undone.ok || hash(undone.manifest) !== hash(before))
    throw conflict("its edits cannot be undone");
}

/** Folders of the plugin store that a manifest names, relative to the workspace. */
export function storePackages(manifest: Manifest): string[] {
  return (manifest.processors ?? [])
    .map(({ use }) => use)
    .filter((use) => use.startsWith(`./${STORE}/`))
    .map((use) => use.slice(2));
}

async function requireIntact(dir: string, path: string): Promise<void> {
  if (!(await isIntact(dir, path))) throw aegisError("HX_AEGIS_STORE_CORRUPT", { package: path });
}

/** Whether a store folder holds what its name says. What was built from it is covered by the lock. */
async function isIntact(dir: string, path: string): Promise<boolean> {
  try {
    const root = join(dir, path);
    const files: Record<string, string> = {};
    for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue;
      const name = relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/");
      if (!name.startsWith("dist/")) files[name] = await readFile(join(root, name), "utf8");
    }
    return path.endsWith(`-${packageDigest(files).slice(0, 12)}`);
  } catch {
    return false;
  }
}

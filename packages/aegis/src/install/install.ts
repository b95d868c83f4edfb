import { join } from "node:path";
import {
  apply,
  invert,
  loadHarness,
  lockPath,
  messageOf,
  readManifest,
  serializeLock,
  serializeManifest,
} from "@harnessx/core";
import type { LoadedHarness, Lock, Manifest, ManifestEdit, OpenPlugin } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import type { AttestedEntry, InstallIntent, Journal, Redriven } from "../journal/index.ts";
import type { VerificationReport } from "../verify/index.ts";
import { reportDigest } from "./attest.ts";
import { listGenerations, loadGeneration } from "./generations.ts";
import { carryOut, close, contentHash, nextGeneration, recoverInstall } from "./intent.ts";
import { gateKey, keysFolder } from "./keys.ts";
import { lockFor, lockOf } from "./lock.ts";
import { same } from "./same.ts";
import {
  readArchive,
  requireIntact,
  storeEntries,
  storePackages,
  storePath,
  withoutCode,
} from "./store.ts";

export interface InstallRequest {
  /** The workspace: the folder of harness.json. */
  readonly dir: string;
  readonly journal: Journal;
  readonly edits: readonly ManifestEdit[];
  /** Hash of the harness that is edited. */
  readonly parent: string;
  /** Hash of the harness that the gate measured: nothing else may be installed. */
  readonly measured: string;
  /** Id of the verdict. */
  readonly verdict: string;
  readonly why: string;
  /**
   * Reports of the packages that the edits bring. What has none is installed unsigned, and the
   * verification at the next start refuses it.
   */
  readonly verified?: readonly VerificationReport[];
  /** The tier behind which the packages were verified and measured (`wasm`). */
  readonly tier?: AttestedEntry["tier"];
  /** Opens generated packages in place of an import. */
  readonly open?: OpenPlugin;
  /** Folder of the signing key; see `keysFolder`. */
  readonly keys?: string;
}

/**
 * Installs what the gate let through: manifest and lock change together, or not at all.
 *
 * The journal first says what will be done (with all of it, so that it can be completed); then the
 * gate signs for the new packages, the generation is kept, the two files are replaced; then the
 * journal says that it is done. `recoverInstall` finishes whatever a crash leaves. A ship that cannot
 * be undone is none: the way back is gone and the harness there loaded before anything is written.
 *
 * On a journal that is driven again (`redrive`) and holds this installation, nothing is written: its
 * generation is loaded.
 *
 * Throws HX_AEGIS_INSTALL_CONFLICT when the workspace has changed since the measurement,
 * HX_AEGIS_STORE_CORRUPT when a package was tampered with, HX_AEGIS_INSTALL_WRITE (or core's
 * HX_MANIFEST_UNWRITABLE) when the disk is full: then the present harness stands until there is room.
 */
export async function install(request: InstallRequest): Promise<LoadedHarness> {
  const { dir, journal, keys } = request;
  const recorded = "recorded" in journal ? (journal as Redriven).recorded : undefined;
  if (recorded?.t === "install") return repeat(request, recorded.intent);
  const { intent, harness } = await prepare(request);
  // Nothing is begun that nobody could sign.
  await gateKey(keysFolder(keys));
  journal.append({ t: "install", intent });
  await carryOut(dir, intent, keys);
  close(journal, intent);
  return harness;
}

/** Writes the entries of an installation that the journal holds already. */
async function repeat(request: InstallRequest, recorded: InstallIntent): Promise<LoadedHarness> {
  const { dir, journal, parent, measured, verdict, why, open, keys } = request;
  // Whatever is not the same as at that time makes the journal diverge here.
  const intent = { ...recorded, version: measured, parents: [parent], verdict, why };
  journal.append({ t: "install", intent });
  if ((journal as Redriven).recorded) close(journal, intent);
  else await recoverInstall(dir, journal, open, keys);
  return loadGeneration(dir, measured, open);
}

async function prepare(
  request: InstallRequest,
): Promise<{ readonly intent: InstallIntent; readonly harness: LoadedHarness }> {
  const { dir, journal, edits, parent, measured, verdict, why, open } = request;
  const file = join(dir, "harness.json");
  const manifest = await readManifest(file);
  const conflict = (problem: string) =>
    aegisError("HX_AEGIS_INSTALL_CONFLICT", { candidate: verdict, dir, problem });
  const applied = apply(edits, manifest);
  if (!applied.ok)
    throw conflict(applied.conflicts.map(({ path, problem }) => `${path}: ${problem}`).join("; "));
  const packages = storePackages(applied.manifest);
  for (const path of packages) await requireIntact(dir, path);

  const there = await lockOf(lockPath(file));
  const ids = new Set(
    [...(manifest.processors ?? []), ...(manifest.tools ?? [])].map(({ id }) => id),
  );
  const lockBefore = await lockFor(manifest, dir, { lock: there, ids }, "human");
  const back = await wayBack(request, applied.manifest, lockBefore);
  if (back !== parent)
    throw conflict(`undone, its edits lead to ${back}, and not to ${parent} from where they came`);
  const lock = await lockFor(applied.manifest, dir, { lock: lockBefore, ids }, verdict);
  // Proposed, measured and about to be deployed must be one and the same harness.
  const harness = await loadHarness(applied.manifest, {
    root: dir,
    lock,
    ...(open ? { open } : {}),
  });
  if (harness.hash !== measured)
    throw conflict(`it would be ${harness.hash}, but ${measured} was measured`);

  const number = await nextGeneration(dir, journal);
  const based = await isKept(dir, parent);
  const base = {
    generation: number,
    version: parent,
    manifest: serializeManifest(manifest),
    lock: serializeLock(lockBefore),
  };
  const intent: InstallIntent = {
    version: harness.hash,
    parents: [parent],
    verdict,
    why,
    before: contentHash(manifest),
    after: contentHash(applied.manifest),
    manifest: serializeManifest(applied.manifest),
    lock: serializeLock(lock),
    packages,
    generation: based ? number : number + 1,
    ...(based ? {} : { base }),
    attest: await attestable(request, applied.manifest, lockBefore, lock),
  };
  return { intent, harness };
}

/** The hash of the harness that undoing the edits leads to, or why there is none. */
async function wayBack(
  { dir, edits }: InstallRequest,
  after: Manifest,
  lock: Lock,
): Promise<string> {
  const undone = apply(invert(edits), after);
  if (!undone.ok) return "nowhere";
  return loadHarness(undone.manifest, { root: dir, lock, open: withoutCode }).then(
    ({ hash }) => hash,
    (thrown: unknown) => `a harness that does not load (${messageOf(thrown)})`,
  );
}

async function isKept(dir: string, version: string): Promise<boolean> {
  const hash12 = version.replace(/^sha256-/, "").slice(0, 12);
  return (await listGenerations(dir)).some((one) => one.hash12 === hash12);
}

/** The new entries of the store for which there is a report. */
async function attestable(
  { dir, verified = [], tier = "wasm" }: InstallRequest,
  manifest: Manifest,
  before: Lock,
  lock: Lock,
): Promise<AttestedEntry[]> {
  const attest: AttestedEntry[] = [];
  for (const { id, use } of storeEntries(manifest)) {
    const known = before.entries[id];
    if (known && same(known, lock.entries[id])) continue;
    const report = verified.find(({ ok, digest }) => ok && use.endsWith(`-${digest.slice(0, 12)}`));
    if (!report) continue;
    const { digest: archive } = await readArchive(dir, storePath(use));
    const { toolchain } = report;
    attest.push({ entry: id, archive, report: reportDigest(report), toolchain, tier });
  }
  return attest;
}

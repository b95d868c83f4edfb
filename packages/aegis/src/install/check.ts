import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import { findPackage, hashPackage, lockPath, messageOf, readManifest } from "@harnessx/core";
import type { Lock, Manifest } from "@harnessx/core";
import type { IsolationTier } from "../isolation/index.ts";
import { findAttestation, type PackageClaim } from "./attest.ts";
import { keysFolder, trustedKeys } from "./keys.ts";
import { lockOf } from "./lock.ts";
import { same } from "./same.ts";
import { readArchive, storeEntries, storePath, type Archive, type StoreEntry } from "./store.ts";

/** What is looked at for each entry from the plugin store, in this order. */
export const entryChecks = ["package", "attestation", "digest", "lock", "tier"] as const;
export type EntryCheckName = (typeof entryChecks)[number];

/** One thing that was looked at. */
export interface EntryCheck {
  readonly check: EntryCheckName;
  readonly ok: boolean;
  readonly text: string;
}

/** An entry whose package comes from the plugin store, and whether it may run. */
export interface CheckedEntry {
  readonly id: string;
  /** Of the package, relative to the workspace. */
  readonly path: string;
  /** Of its attestation, when there is one. */
  readonly attestation?: string;
  readonly ok: boolean;
  /** Whether package or attestation are not what the gate left: that is quarantined. */
  readonly damaged: boolean;
  readonly checks: readonly EntryCheck[];
}

/** What `verifyWorkspace` found. */
export interface WorkspaceReport {
  readonly ok: boolean;
  readonly entries: readonly CheckedEntry[];
}

export interface VerifyWorkspaceOptions {
  /** Folder of keys; see `keysFolder`. */
  readonly keys?: string;
  /** The tier behind which the entries will run: none may have been verified for a stronger one. */
  readonly tier?: IsolationTier;
}

/**
 * Checks every entry of a workspace that comes from the plugin store: the package is there and is
 * what its name says, the gate's signature holds, not a byte differs from what was signed, the lock
 * says the same, the tier is strong enough. Changes nothing and runs nothing.
 *
 * Throws core's HX_MANIFEST_* and HX_LOCK_INVALID for files that cannot be read, HX_AEGIS_KEY_INVALID.
 */
export async function verifyWorkspace(
  dir: string,
  { keys, tier }: VerifyWorkspaceOptions = {},
): Promise<WorkspaceReport> {
  const file = join(dir, "harness.json");
  const manifest = await readManifest(file);
  const lock = await lockOf(lockPath(file));
  const entries = await checkEntries(
    dir,
    manifest,
    lock,
    await trustedKeys(keysFolder(keys)),
    tier,
  );
  return { ok: entries.every(({ ok }) => ok), entries };
}

/** The same for any manifest with its lock. */
export async function checkEntries(
  dir: string,
  manifest: Manifest,
  lock: Lock | undefined,
  trusted: ReadonlyMap<string, KeyObject>,
  tier?: IsolationTier,
): Promise<CheckedEntry[]> {
  const checked: CheckedEntry[] = [];
  for (const entry of storeEntries(manifest))
    checked.push(await checkEntry(dir, entry, lock, trusted, tier));
  return checked;
}

async function checkEntry(
  dir: string,
  entry: StoreEntry,
  lock: Lock | undefined,
  trusted: ReadonlyMap<string, KeyObject>,
  tier: IsolationTier | undefined,
): Promise<CheckedEntry> {
  const path = storePath(entry.use);
  const checks: EntryCheck[] = [];
  let damaged = false;
  const say = (check: EntryCheckName, problem: string | undefined, fine: string): void =>
    void checks.push({ check, ok: problem === undefined, text: problem ?? fine });

  const archive = await readArchive(dir, path).catch((thrown: unknown) => messageOf(thrown));
  const intact = typeof archive !== "string" && archive.named;
  damaged ||= !intact;
  const broken = typeof archive === "string" ? archive : "its content is not what its name says";
  say("package", intact ? undefined : broken, path);

  const locked = lock?.entries[entry.id];
  const found = await findAttestation(dir, entry, locked, trusted);
  let claim: PackageClaim | undefined;
  if (!found) {
    damaged = true;
    say("attestation", "the gate has not signed for it", "");
  } else if (found.sealed.ok) {
    claim = found.sealed.statement.predicate;
    say("attestation", undefined, `${claim.lock.decidedBy}, key ${found.sealed.key.slice(0, 12)}`);
  } else {
    damaged ||= found.sealed.because === "invalid";
    say("attestation", found.sealed.problem, "");
  }
  if (claim && typeof archive !== "string") {
    const subject = found?.sealed.ok ? found.sealed.statement.subject : [];
    const signed = subject.find(({ name }) => name === path)?.digest.sha256;
    const other = signed === archive.digest ? undefined : changedFiles(claim, archive);
    damaged ||= other !== undefined;
    say(
      "digest",
      other,
      `${Object.keys(archive.files).length} files, ${archive.digest.slice(0, 12)}`,
    );
  }
  if (claim) {
    say("lock", await lockProblem(dir, entry, claim, lock), `decided by ${claim.lock.decidedBy}`);
    const weak = tier !== undefined && STRENGTH[tier] < STRENGTH[claim.tier];
    say(
      "tier",
      weak ? `verified for ${claim.tier}, it would run as ${tier}` : undefined,
      claim.tier,
    );
  }
  return {
    id: entry.id,
    path,
    ...(found ? { attestation: found.path } : {}),
    ok: checks.every(({ ok }) => ok),
    damaged,
    checks,
  };
}

const STRENGTH: Readonly<Record<IsolationTier, number>> = { trusted: 0, process: 1, wasm: 2 };

function changedFiles({ files: signed }: PackageClaim, { files }: Archive): string {
  const paths = [...new Set([...Object.keys(signed), ...Object.keys(files)])];
  const differing = paths.filter((path) => signed[path] !== files[path]).toSorted();
  return differing.length > 0
    ? `changed after it was signed: ${differing.slice(0, 3).join(", ")}`
    : "another package was signed";
}

async function lockProblem(
  dir: string,
  { id, use }: StoreEntry,
  claim: PackageClaim,
  lock: Lock | undefined,
): Promise<string | undefined> {
  const locked = lock?.entries[id];
  if (!locked) return "the lock has no such entry";
  if (claim.entry !== id) return `it was signed for the entry ${claim.entry}`;
  for (const field of ["use", "version", "integrity", "capabilities", "decidedBy"] as const)
    if (!same(locked[field], claim.lock[field])) return `${field} is not what was signed`;
  if (locked.use !== use) return `the lock is for ${locked.use}`;
  try {
    const { dir: folder, entryFile } = await findPackage(use, dir);
    if ((await hashPackage(folder, entryFile)) !== locked.integrity)
      return "its code is not what the lock records";
  } catch (thrown) {
    return messageOf(thrown);
  }
  return undefined;
}

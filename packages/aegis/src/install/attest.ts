import { readdir, readFile } from "node:fs/promises";
import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import { canonicalJson, sha256Hex } from "@harnessx/core";
import type { Lock, LockEntry } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import type { AttestedEntry } from "../journal/index.ts";
import { mapOf, record, text } from "../schema.ts";
import type { VerificationReport } from "../verify/index.ts";
import { writeDurably } from "./durable.ts";
import { seal, statementKind, unseal, type Unsealed } from "./envelope.ts";
import type { GateKey } from "./keys.ts";
import { ATTESTATIONS, KEYS } from "./paths.ts";
import { readArchive, storePath, type StoreEntry } from "./store.ts";

/** What the gate vouches for: this package, under this entry, with these grants, for these reasons. */
export interface PackageClaim {
  readonly entry: string;
  /** The lock entry, grants and verdict included. */
  readonly lock: LockEntry;
  /** SHA-256 of the verification report. */
  readonly report: string;
  readonly toolchain: string;
  /** The tier behind which it was verified: a weaker one must not run it. */
  readonly tier: AttestedEntry["tier"];
  /** SHA-256 of every file. */
  readonly files: Readonly<Record<string, string>>;
  /** The person who granted more than the gate did. */
  readonly grantedBy?: string;
}

const claimKind = statementKind<PackageClaim>(
  "urn:harnessx:package:1",
  record(
    {
      entry: text,
      lock: { type: "object" },
      report: text,
      toolchain: text,
      tier: { enum: ["wasm", "process"] },
      files: mapOf(text),
    },
    { grantedBy: text },
  ),
);

/**
 * SHA-256 of a report, as attestations and the journal name it. Its policy digest is left out: that
 * covers recorded traces, in which times stand, and a journal must not differ with the clock.
 */
export const reportDigest = ({ policy: _policy, ...report }: VerificationReport): string =>
  sha256Hex(canonicalJson(report));

/** The attestation of a lock entry: another grant or verdict has another one. */
export const attestationPath = (id: string, lock: LockEntry): string =>
  `${ATTESTATIONS}/${id}-${sha256Hex(canonicalJson(lock)).slice(0, 12)}.json`;

/** Signs and keeps what the gate vouches for. Throws HX_AEGIS_STORE_CORRUPT when the package is another one by now. */
export async function attest(
  dir: string,
  lock: Lock,
  { entry, archive, report, toolchain, tier, grantedBy }: AttestedEntry,
  key: GateKey,
): Promise<void> {
  const locked = lock.entries[entry]!;
  const path = storePath(locked.use);
  const found = await readArchive(dir, path).catch(() => undefined);
  if (found?.digest !== archive) throw aegisError("HX_AEGIS_STORE_CORRUPT", { package: path });
  const claim: PackageClaim = {
    entry,
    lock: locked,
    report,
    toolchain,
    tier,
    files: found.files,
    ...(grantedBy === undefined ? {} : { grantedBy }),
  };
  const sealed = seal(claimKind, { [path]: archive }, claim, key);
  await writeDurably(join(dir, attestationPath(entry, locked)), sealed);
  await publish(dir, key);
}

/** Leaves the public key in the workspace, for those who want to trust it. */
export async function publish(dir: string, key: GateKey): Promise<void> {
  const path = join(dir, KEYS, `${key.id.slice(0, 16)}.pem`);
  const known = await readFile(path, "utf8").catch(() => undefined);
  if (known !== key.publicPem) await writeDurably(path, key.publicPem);
}

/** An attestation that was found, and what its signature is worth. */
export interface FoundAttestation {
  /** Relative to the workspace. */
  readonly path: string;
  readonly sealed: Unsealed<PackageClaim>;
}

/**
 * The attestation of an entry: the one that belongs to its lock entry, else one that vouches for the
 * same folder, from which can be told that the lock was changed and not the package.
 */
export async function findAttestation(
  dir: string,
  { id, use }: StoreEntry,
  lock: LockEntry | undefined,
  trusted: ReadonlyMap<string, KeyObject>,
): Promise<FoundAttestation | undefined> {
  const read = async (path: string): Promise<FoundAttestation | undefined> => {
    const sealed = await readFile(join(dir, path), "utf8").catch(() => undefined);
    return sealed === undefined ? undefined : { path, sealed: unseal(claimKind, sealed, trusted) };
  };
  const own = lock && (await read(attestationPath(id, lock)));
  if (own) return own;
  const names = await readdir(join(dir, ATTESTATIONS)).catch((): string[] => []);
  let other: FoundAttestation | undefined;
  for (const name of names.toSorted()) {
    if (!name.startsWith(`${id}-`) || name.length !== id.length + "-123456789012.json".length)
      continue;
    const found = await read(`${ATTESTATIONS}/${name}`);
    if (found?.sealed.ok && found.sealed.statement.predicate.lock.use === use) other = found;
  }
  return other;
}

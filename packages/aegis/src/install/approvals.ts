import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  canonicalJson,
  inspectPlugin,
  lockPath,
  readManifest,
  sha256Hex,
  validatorFor,
  withLockEntry,
  writeManifestAndLock,
} from "@harnessx/core";
import { aegisError } from "../errors.ts";
import type { Journal } from "../journal/index.ts";
import { document, listOf, record, text } from "../schema.ts";
import { attest, findAttestation } from "./attest.ts";
import { writeDurably } from "./durable.ts";
import { seal, statementKind, unseal } from "./envelope.ts";
import { capabilityGrowth, type CapabilityGrowth } from "./grants.ts";
import { gateKey, keysFolder, trustedKeys } from "./keys.ts";
import { lockOf } from "./lock.ts";
import { APPROVALS } from "./paths.ts";
import { readArchive, storeEntries, storePath } from "./store.ts";

/** What a candidate asks for that no policy allows it. */
export interface ApprovalRequest {
  readonly v: 1;
  /** Id of the candidate, which is a hash of its edits and packages. */
  readonly candidate: string;
  readonly growth: readonly CapabilityGrowth[];
  /** What it is for, in the candidate's own words: to be judged, not to be believed. */
  readonly why: string;
}

interface ApprovalClaim {
  readonly candidate: string;
  readonly growth: readonly CapabilityGrowth[];
  readonly who: string;
}

const growthSchema = listOf(record({ entry: text, capability: text }));
const requestSchema = document(
  "Request for approval",
  record({ v: { const: 1 }, candidate: text, growth: growthSchema, why: text }),
);
const approvalKind = statementKind<ApprovalClaim>(
  "urn:harnessx:approval:1",
  record({ candidate: text, growth: growthSchema, who: text }),
);

const pathOf = (dir: string, candidate: string, kind: "request" | "approved"): string =>
  join(dir, APPROVALS, `${candidate}.${kind}.json`);

/** Candidates come from outside: only names of files are looked for. */
const isName = (id: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id);

/** Leaves a request for a person, who answers it with `hx plugin approve <candidate>`. */
export async function requestApproval(
  dir: string,
  request: Omit<ApprovalRequest, "v">,
): Promise<void> {
  const value: ApprovalRequest = { v: 1, ...request, why: request.why.slice(0, 500) };
  await writeDurably(
    pathOf(dir, request.candidate, "request"),
    `${JSON.stringify(value, null, 2)}\n`,
  );
}

/** Requests that nobody has answered. */
export async function pendingApprovals(dir: string): Promise<ApprovalRequest[]> {
  const names = await readdir(join(dir, APPROVALS)).catch((): string[] => []);
  const pending: ApprovalRequest[] = [];
  for (const name of names.toSorted()) {
    const id = /^(.+)\.request\.json$/.exec(name)?.[1];
    if (id === undefined || names.includes(`${id}.approved.json`)) continue;
    const request = await readRequest(dir, id);
    if (request) pending.push(request);
  }
  return pending;
}

async function readRequest(dir: string, id: string): Promise<ApprovalRequest | undefined> {
  if (!isName(id)) return undefined;
  try {
    const value: unknown = JSON.parse(await readFile(pathOf(dir, id, "request"), "utf8"));
    if (validatorFor(requestSchema)(value)) return undefined;
    return (value as ApprovalRequest).candidate === id ? (value as ApprovalRequest) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What of a candidate's growth no person has granted. A grant is signed, and holds for the very
 * candidate: its id is a hash of its code. Throws HX_AEGIS_KEY_INVALID.
 */
export async function ungranted(
  dir: string,
  candidate: string,
  growth: readonly CapabilityGrowth[],
  keys?: string,
): Promise<CapabilityGrowth[]> {
  if (growth.length === 0 || !isName(candidate)) return [...growth];
  const sealed = await readFile(pathOf(dir, candidate, "approved"), "utf8").catch(() => undefined);
  if (sealed === undefined) return [...growth];
  const opened = unseal(approvalKind, sealed, await trustedKeys(keysFolder(keys)));
  if (!opened.ok || opened.statement.predicate.candidate !== candidate) return [...growth];
  const granted = new Set(opened.statement.predicate.growth.map((one) => canonicalJson(one)));
  return growth.filter(
    ({ entry, capability }) => !granted.has(canonicalJson({ entry, capability })),
  );
}

export interface Approve {
  readonly dir: string;
  /** A candidate that waits, or an entry of the harness. */
  readonly id: string;
  /** The person, for the journal. */
  readonly who: string;
  readonly journal: Journal;
  readonly keys?: string;
}

/** What was granted. */
export interface Approved {
  readonly id: string;
  readonly kind: "candidate" | "entry";
  readonly growth: readonly CapabilityGrowth[];
}

/**
 * A person grants what a candidate waits for, or to an entry of the harness all that its package
 * declares and its lock holds back. The journal says who did it.
 *
 * Throws HX_AEGIS_APPROVAL_UNKNOWN when nothing waits under that id.
 */
export async function approve(request: Approve): Promise<Approved> {
  const { dir, id, who, journal, keys } = request;
  const waiting = await readRequest(dir, id);
  const key = await gateKey(keysFolder(keys));
  if (waiting) {
    const { growth } = waiting;
    journal.append({ t: "human", who, act: `granted ${inWords(growth)} to the candidate ${id}` });
    const claim = { candidate: id, growth, who };
    const subjects = { [`candidate/${id}`]: sha256Hex(canonicalJson(growth)) };
    await writeDurably(pathOf(dir, id, "approved"), seal(approvalKind, subjects, claim, key));
    return { id, kind: "candidate", growth };
  }
  const growth = await grantEntry(request);
  if (growth) return { id, kind: "entry", growth };
  const known = (await pendingApprovals(dir)).map(({ candidate }) => candidate).join(", ");
  throw aegisError("HX_AEGIS_APPROVAL_UNKNOWN", { dir, id, known: known || "nothing" });
}

/** Widens the lock of an entry from the store to what its package declares, and signs for that. */
async function grantEntry({
  dir,
  id,
  who,
  journal,
  keys,
}: Approve): Promise<readonly CapabilityGrowth[] | undefined> {
  const file = join(dir, "harness.json");
  const manifest = await readManifest(file);
  const lock = await lockOf(lockPath(file));
  const entry = storeEntries(manifest).find((one) => one.id === id);
  const locked = lock?.entries[id];
  if (!entry || !lock || !locked) return undefined;
  const path = storePath(entry.use);
  const { metadata } = await inspectPlugin(join(dir, path));
  const { capabilities = {} } = metadata;
  const growth = capabilityGrowth(
    [{ id, capabilities: locked.capabilities }],
    [{ id, capabilities }],
  );
  const found = await findAttestation(dir, entry, locked, await trustedKeys(keysFolder(keys)));
  if (growth.length === 0 || !found?.sealed.ok) return undefined;
  const { report, toolchain, tier } = found.sealed.statement.predicate;
  const next = withLockEntry(lock, id, { ...locked, capabilities });
  const { digest: archive } = await readArchive(dir, path);
  if (found.sealed.statement.subject.every(({ digest }) => digest.sha256 !== archive))
    throw aegisError("HX_AEGIS_STORE_CORRUPT", { package: path });
  journal.append({ t: "human", who, act: `granted ${inWords(growth)} to the entry ${id}` });
  const key = await gateKey(keysFolder(keys));
  const vouched = { entry: id, archive, report, toolchain, tier, grantedBy: who };
  await attest(dir, next, vouched, key);
  await writeManifestAndLock(dir, manifest, next);
  return growth;
}

const inWords = (growth: readonly CapabilityGrowth[]): string =>
  growth.map(({ entry, capability }) => `${capability} (${entry})`).join(", ");

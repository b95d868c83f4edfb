import { join } from "node:path";
import {
  loadHarness,
  messageOf,
  readManifest,
  serializeLock,
  serializeManifest,
} from "@harnessx/core";
import type { Manifest, OpenPlugin } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import type { InstallIntent, Journal } from "../journal/index.ts";
import { checkEntries } from "./check.ts";
import {
  listGenerations,
  readGeneration,
  type Generation,
  type ReadGeneration,
} from "./generations.ts";
import { carryOut, close, contentHash, presentContent, recoverInstall } from "./intent.ts";
import { gateKey, keysFolder, trustedKeys } from "./keys.ts";
import { presentVersion, shipOf, verdictsUndone } from "./lineage.ts";
import { storePackages, withoutCode } from "./store.ts";

export interface RollbackRequest {
  /** The workspace. */
  readonly dir: string;
  /** A generation's number, a harness hash or its beginning; the parent of the present one if absent. */
  readonly to?: string | number;
  readonly journal: Journal;
  /** Why, for the journal. */
  readonly why?: string;
  /** Opens packages in place of an import; unless given, none of their code is run. */
  readonly open?: OpenPlugin;
  readonly keys?: string;
}

/** A way back. */
export interface RollbackPlan {
  /** Harness hashes. The first is absent when the present manifest does not load. */
  readonly from?: string;
  readonly to: string;
  readonly generation: number;
  /** Verdicts that no longer stand, newest first. */
  readonly undone: readonly string[];
  /** Ids of entries that go, come, or become others. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
}

/**
 * Finds the way back and checks it, without changing anything: signature of the generation, every
 * package of the store that it names, and that it loads with exactly its hash.
 *
 * Throws HX_AEGIS_ROLLBACK_IMPOSSIBLE, HX_AEGIS_GENERATION_MISSING, HX_AEGIS_GENERATION_CORRUPT,
 * HX_AEGIS_STORE_CORRUPT, HX_AEGIS_KEY_UNKNOWN.
 */
export const planRollback = async (request: RollbackRequest): Promise<RollbackPlan> =>
  (await prepare(request)).plan;

/**
 * Goes back to an earlier harness, to exactly its hash: manifest and lock change together, as in
 * `install`, and the journal says which verdicts no longer stand.
 *
 * A change that a crash cut off is completed first. Errors: those of `planRollback`, and those of
 * writing as in `install`.
 */
export async function rollback(request: RollbackRequest): Promise<RollbackPlan> {
  const { dir, journal, open, keys } = request;
  await recoverInstall(dir, journal, open, keys);
  const { plan, intent } = await prepare(request);
  await gateKey(keysFolder(keys));
  journal.append({ t: "install", intent });
  await carryOut(dir, intent, keys);
  close(journal, intent);
  return plan;
}

async function prepare({
  dir,
  to,
  journal,
  why = "",
  open = withoutCode,
  keys,
}: RollbackRequest): Promise<{ readonly plan: RollbackPlan; readonly intent: InstallIntent }> {
  const { events } = journal;
  const present = await readManifest(join(dir, "harness.json")).catch(() => undefined);
  const from = await loadHarness(join(dir, "harness.json"), { open }).then(
    ({ hash }) => hash,
    () => undefined,
  );
  // A harness that does not load has no hash; then the journal says which one should stand.
  const standing = from ?? presentVersion(events);
  const target = await chooseGeneration(dir, to ?? parentOf(dir, journal, standing));
  const generation = await soundGeneration(dir, target, { open, ...(keys ? { keys } : {}) });
  const { manifest, lock, version } = generation;
  // Names hold the beginning of a hash only.
  if (typeof to === "string" && to.startsWith("sha256-") && !version.startsWith(to))
    throw aegisError("HX_AEGIS_GENERATION_MISSING", { dir, version: to });
  const undone = standing === undefined ? [] : verdictsUndone(events, standing, version);
  const intent: InstallIntent = {
    version,
    parents: [standing ?? version],
    verdict: "",
    why: why === "" ? `back to generation ${target.generation}` : why,
    before: await presentContent(dir),
    after: contentHash(manifest),
    manifest: serializeManifest(manifest),
    lock: serializeLock(lock),
    packages: storePackages(manifest),
    generation: target.generation,
    attest: [],
    undone,
  };
  const plan: RollbackPlan = {
    ...(from === undefined ? {} : { from }),
    to: version,
    generation: target.generation,
    undone,
    ...differences(present ?? manifest, manifest),
  };
  return { plan, intent };
}

function parentOf(dir: string, { events }: Journal, present: string | undefined): string {
  const ship = present === undefined ? undefined : shipOf(events, present);
  const parent = ship?.parents[0];
  if (parent !== undefined) return parent;
  const problem = `no installation led to the present harness ${present ?? ""}`.trimEnd();
  throw aegisError("HX_AEGIS_ROLLBACK_IMPOSSIBLE", { dir, problem });
}

async function chooseGeneration(dir: string, to: string | number): Promise<Generation> {
  const generations = await listGenerations(dir);
  const wanted = String(to).replace(/^sha256-/, "");
  const isNumber = typeof to === "number" || /^\d{1,5}$/.test(to);
  const fitting = generations.filter(({ generation, hash12 }) =>
    isNumber
      ? generation === Number(to)
      : wanted.length >= 4 && (hash12.startsWith(wanted) || wanted.startsWith(hash12)),
  );
  const newest = fitting.at(-1);
  if (!newest) throw aegisError("HX_AEGIS_GENERATION_MISSING", { dir, version: String(to) });
  if (fitting.some(({ hash12 }) => hash12 !== newest.hash12)) {
    const problem = `several generations begin with ${wanted}`;
    throw aegisError("HX_AEGIS_ROLLBACK_IMPOSSIBLE", { dir, problem });
  }
  return newest;
}

/**
 * A generation of which everything holds: its signature, every package of the store with its
 * attestation, its hash. Throws HX_AEGIS_GENERATION_CORRUPT or HX_AEGIS_STORE_CORRUPT.
 */
export async function soundGeneration(
  dir: string,
  found: Generation,
  { open = withoutCode, keys }: { readonly open?: OpenPlugin; readonly keys?: string } = {},
): Promise<ReadGeneration & { readonly version: string }> {
  const trusted = await trustedKeys(keysFolder(keys));
  const { version, ...generation } = await readGeneration(dir, found, trusted);
  const { manifest, lock, path } = generation;
  const broken = (await checkEntries(dir, manifest, lock, trusted)).find(({ ok }) => !ok);
  if (broken)
    throw aegisError("HX_AEGIS_STORE_CORRUPT", {
      package: broken.path,
      problem: broken.checks.find(({ ok }) => !ok)?.text,
    });
  const corrupt = (problem: string, cause?: unknown) =>
    aegisError("HX_AEGIS_GENERATION_CORRUPT", { generation: path, problem }, cause);
  const harness = await loadHarness(manifest, { root: dir, lock, open }).catch(
    (thrown: unknown) => {
      throw corrupt(messageOf(thrown), thrown);
    },
  );
  if (version === undefined || harness.hash !== version)
    throw corrupt(`it comes to ${harness.hash}, and ${version} was signed`);
  return { ...generation, version };
}

function differences(
  before: Manifest,
  after: Manifest,
): Pick<RollbackPlan, "removed" | "added" | "changed"> {
  const entries = ({ processors = [], tools = [] }: Manifest): Map<string, string> =>
    new Map([...processors, ...tools].map((entry) => [entry.id, JSON.stringify(entry)]));
  const [old, next] = [entries(before), entries(after)];
  return {
    removed: [...old.keys()].filter((id) => !next.has(id)),
    added: [...next.keys()].filter((id) => !old.has(id)),
    changed: [...next.keys()].filter((id) => old.has(id) && old.get(id) !== next.get(id)),
  };
}

import { join } from "node:path";
import {
  loadHarness,
  parseLock,
  parseManifest,
  readManifest,
  serializeManifest,
  sha256Hex,
  writeManifestAndLock,
} from "@harnessx/core";
import type { Manifest, OpenPlugin } from "@harnessx/core";
import { openJournal, type InstallIntent, type Journal } from "../journal/index.ts";
import { attest, publish } from "./attest.ts";
import { listGenerations, writeGeneration } from "./generations.ts";
import { gateKey, keysFolder } from "./keys.ts";
import { JOURNAL } from "./paths.ts";
import { isIntact, withoutCode } from "./store.ts";

/** By what an intent knows a manifest again. */
export const contentHash = (manifest: Manifest): string => sha256Hex(serializeManifest(manifest));

/** The same of the manifest that stands; one that cannot be read can still be replaced. */
export const presentContent = (dir: string): Promise<string> =>
  readManifest(join(dir, "harness.json")).then(contentHash, () => "unreadable");

/** The number of the next generation. */
export async function nextGeneration(dir: string, { events }: Journal): Promise<number> {
  const there = (await listGenerations(dir)).map(({ generation }) => generation);
  const begun = events.flatMap((event) => (event.t === "install" ? [event.intent.generation] : []));
  return 1 + Math.max(-1, ...there, ...begun);
}

/**
 * Does what an intent says: attestations, generations, the two files. Every step may be done again,
 * and none before the files is seen by a reader of the harness.
 */
export async function carryOut(dir: string, intent: InstallIntent, keys?: string): Promise<void> {
  const key = await gateKey(keysFolder(keys));
  const manifest = parseManifest(JSON.parse(intent.manifest));
  const lock = parseLock(JSON.parse(intent.lock));
  await publish(dir, key);
  for (const entry of intent.attest) await attest(dir, lock, entry, key);
  if (intent.base) await writeGeneration(dir, intent.base, key);
  await writeGeneration(dir, intent, key);
  await writeManifestAndLock(dir, manifest, lock);
}

/** Ends an intent that was carried out. */
export function close(journal: Journal, intent: InstallIntent): void {
  const { version, parents, verdict, why, undone } = intent;
  journal.append(
    undone
      ? { t: "rollback", version, parents, why, undone }
      : { t: "ship", version, parents, verdict, why },
  );
}

/** The intent of a journal that was neither carried out nor given up. */
export function openIntent({ events }: Pick<Journal, "events">): InstallIntent | undefined {
  const begun = events.findLast((event) => event.t === "install");
  if (begun?.t !== "install") return undefined;
  const closed = events.some(
    (event) =>
      event.seq > begun.seq &&
      (event.t === "ship" || event.t === "rollback") &&
      event.version === begun.intent.version,
  );
  return closed ? undefined : begun.intent;
}

/** What `recoverInstall` found and did. */
export type Recovery = "nothing" | "completed" | "undone";

/**
 * Finishes an installation or a rollback that a crash or a full disk cut off. The decision stands, so
 * it is completed; it is given up only when the manifest has been edited since, or what would stand
 * is not what was decided on, for example because a package is not whole. No generated code runs.
 *
 * Throws HX_AEGIS_INSTALL_WRITE when there is still no room.
 */
export async function recoverInstall(
  dir: string,
  journal: Journal = openJournal(join(dir, JOURNAL)),
  open: OpenPlugin = withoutCode,
  keys?: string,
): Promise<Recovery> {
  const intent = openIntent(journal);
  if (!intent) return "nothing";
  const why = await reasonAgainst(dir, intent, open);
  if (why !== undefined) {
    journal.append({ t: "rollback", version: intent.version, parents: [], why });
    return "undone";
  }
  // Also when the manifest is there already: the lock may not be, and a write cleans up after itself.
  await carryOut(dir, intent, keys);
  close(journal, intent);
  return "completed";
}

async function reasonAgainst(
  dir: string,
  intent: InstallIntent,
  open: OpenPlugin,
): Promise<string | undefined> {
  const intact = await Promise.all(intent.packages.map((path) => isIntact(dir, path)));
  if (intact.includes(false)) return "a package is not whole";
  const now = await presentContent(dir);
  if (now !== intent.before && now !== intent.after)
    return "the manifest was edited after the crash";
  const manifest = parseManifest(JSON.parse(intent.manifest));
  const lock = parseLock(JSON.parse(intent.lock));
  const harness = await loadHarness(manifest, { root: dir, lock, open }).catch(() => undefined);
  return harness?.hash === intent.version ? undefined : "a package is not what was measured";
}

import {
  findPackage,
  hashPackage,
  HarnessXError,
  inspectPlugin,
  loadHarness,
  readLock,
} from "@harnessx/core";
import type { Lock, LockEntry, Manifest } from "@harnessx/core";
import { withoutCode } from "./store.ts";

/** The lock beside a manifest, or nothing. */
export async function lockOf(path: string): Promise<Lock | undefined> {
  try {
    return await readLock(path);
  } catch (thrown) {
    if (HarnessXError.isInstance(thrown) && thrown.details["reason"] === "missing")
      return undefined;
    throw thrown;
  }
}

/** What a new lock keeps of an earlier one. */
export interface LockedBefore {
  readonly lock: Lock | undefined;
  /** Ids that the manifest held before: without a lock they count as decided by a person. */
  readonly ids: ReadonlySet<string>;
}

/**
 * A lock for a manifest: entries that were locked before stay as they are, new ones are locked as
 * they lie on disk. No code of processors and tools is run for it.
 */
export async function lockFor(
  manifest: Manifest,
  root: string,
  before: LockedBefore,
  decidedBy: string,
): Promise<Lock> {
  const entries: Record<string, LockEntry> = {};
  for (const { id, use, from } of [
    ...packagesOf(manifest),
    ...(await bundleParts(manifest, root)),
  ]) {
    const known = before.lock?.entries[id];
    if (known && known.use === use) {
      entries[id] = known;
      continue;
    }
    const { dir, entryFile, metadata, version } = await inspect(use, root);
    entries[id] = {
      use,
      version,
      integrity: await hashPackage(dir, entryFile),
      capabilities: metadata.capabilities ?? {},
      decidedBy: before.ids.has(from) ? "human" : decidedBy,
    };
  }
  return { lockVersion: 1, entries };
}

const inspect = async (use: string, root: string) =>
  inspectPlugin((await findPackage(use, root)).dir);

/** Something with a package, and the manifest entry that it stands for. */
interface Packaged {
  readonly id: string;
  readonly use: string;
  readonly from: string;
}

const packagesOf = ({ processors = [], tools = [] }: Manifest): Packaged[] =>
  [...processors, ...tools].flatMap((entry) =>
    "use" in entry && !entry.use.startsWith("inline:")
      ? [{ id: entry.id, use: entry.use, from: entry.id }]
      : [],
  );

/** The processors that bundles stand for: each is locked, too. */
async function bundleParts(manifest: Manifest, root: string): Promise<Packaged[]> {
  const own = (manifest.processors ?? []).map(({ id }) => id);
  if (own.length === 0) return [];
  const { processors } = await loadHarness(manifest, { root, lock: false, open: withoutCode });
  return processors.flatMap(({ id, use }): Packaged[] => {
    if (own.includes(id)) return [];
    const from = own.find((bundle) => id.startsWith(`${bundle}.`));
    return from === undefined ? [] : [{ id, use, from }];
  });
}

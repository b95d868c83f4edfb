import { HarnessXError, loadPlugin, readLock } from "@harnessx/core";
import type { Lock, LockEntry, Manifest } from "@harnessx/core";

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

/**
 * A lock for a manifest: entries that were locked before stay as they are, new ones are locked as
 * they lie on disk. Without an earlier lock, what the manifest held before counts as decided by a
 * person.
 */
export async function lockFor(
  manifest: Manifest,
  root: string,
  before: { readonly lock: Lock | undefined; readonly ids: ReadonlySet<string> },
  decidedBy: string,
): Promise<Lock> {
  const entries: Record<string, LockEntry> = {};
  for (const entry of [...(manifest.processors ?? []), ...(manifest.tools ?? [])]) {
    if (!("use" in entry) || entry.use.startsWith("inline:")) continue;
    const known = before.lock?.entries[entry.id];
    if (known && known.use === entry.use) {
      entries[entry.id] = known;
      continue;
    }
    const plugin = await loadPlugin(entry.use, root);
    entries[entry.id] = {
      use: entry.use,
      version: plugin.version,
      integrity: plugin.integrity,
      capabilities: plugin.metadata.capabilities ?? {},
      decidedBy: before.ids.has(entry.id) ? "human" : decidedBy,
    };
  }
  return { lockVersion: 1, entries };
}

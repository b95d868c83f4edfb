import type {
  LoadedProcessor,
  Lock,
  LockEntry,
  Manifest,
  ProcessorEntry,
  ToolsEntry,
} from "@harnessx/core";

/** Every entry of a manifest, processors first. */
export const entriesOf = (manifest: Manifest): readonly (ProcessorEntry | ToolsEntry)[] => [
  ...(manifest.processors ?? []),
  ...(manifest.tools ?? []),
];

/** The lock beside a manifest; undefined when there is none. */
export async function readLockBeside(manifestPath: string): Promise<Lock | undefined> {
  const { HarnessXError, lockPath, readLock } = await import("@harnessx/core");
  try {
    return await readLock(lockPath(manifestPath));
  } catch (thrown) {
    if (HarnessXError.isInstance(thrown) && thrown.details["reason"] === "missing")
      return undefined;
    throw thrown;
  }
}

/** The package of an entry; undefined for what has none: inline processors and MCP servers. */
export const packageOf = (entry: ProcessorEntry | ToolsEntry): string | undefined =>
  "use" in entry && !entry.use.startsWith("inline:") ? entry.use : undefined;

/** A lock entry for what is installed now, as a person lets it in. */
export async function lockEntryFor(use: string, root: string): Promise<LockEntry> {
  const { loadPlugin } = await import("@harnessx/core");
  const { version, integrity, metadata } = await loadPlugin(use, root);
  return { use, version, integrity, capabilities: metadata.capabilities ?? {}, decidedBy: "human" };
}

/**
 * A lock that covers every entry of a manifest: what is locked stays as it is, what is not is
 * recorded as installed now. Entries that the manifest no longer has go.
 */
export async function completeLock(
  manifest: Manifest,
  lock: Lock | undefined,
  root: string,
): Promise<Lock> {
  const { emptyLock, withLockEntry, withoutLockEntry } = await import("@harnessx/core");
  const entries = entriesOf(manifest);
  let complete = lock ?? emptyLock;
  const parts = await bundleParts(manifest, root);
  const known = new Set([...entries, ...parts].map(({ id }) => id));
  for (const id of Object.keys(complete.entries)) {
    if (!known.has(id)) complete = withoutLockEntry(complete, id);
  }
  for (const entry of entries) {
    const use = packageOf(entry);
    if (use === undefined || Object.hasOwn(complete.entries, entry.id)) continue;
    complete = withLockEntry(complete, entry.id, await lockEntryFor(use, root));
  }
  for (const { id, use, version, integrity, metadata } of parts) {
    if (Object.hasOwn(complete.entries, id)) continue;
    const capabilities = metadata.capabilities ?? {};
    complete = withLockEntry(complete, id, {
      use,
      version,
      integrity,
      capabilities,
      decidedBy: "human",
    });
  }
  return complete;
}

/** The processors that the bundles of a manifest stand for: each is locked, too. */
async function bundleParts(manifest: Manifest, root: string): Promise<readonly LoadedProcessor[]> {
  const own = new Set((manifest.processors ?? []).map(({ id }) => id));
  if (own.size === 0 || manifest.processors?.some(({ use }) => use.startsWith("inline:")))
    return [];
  const { loadHarness } = await import("@harnessx/core");
  // What cannot be loaded is reported by whoever loads it next.
  const harness = await loadHarness({ ...manifest, tools: [] }, { root, lock: false }).catch(
    () => undefined,
  );
  return (harness?.processors ?? []).filter(({ id }) => !own.has(id));
}

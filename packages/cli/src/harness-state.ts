import { dirname } from "node:path";
import type { Lock, Manifest, OpenPlugin, ProcessorEntry, ToolsEntry } from "@harnessx/core";
import type { PluginMetadata } from "@harnessx/core/plugin";
import { loadFor } from "./harness.ts";
import { entriesOf, packageOf, readLockBeside } from "./locking.ts";
import { failureOf, type Failure } from "./output/failure.ts";
import type { Session } from "./session.ts";

/** Whether the lock vouches for an entry as it is installed. */
export type LockState = "locked" | "no lock" | "differs" | "not locked";

/** One entry as it is on disk; `failure` when it cannot be loaded. */
export interface EntryState {
  readonly id: string;
  readonly use: string;
  readonly section: "processors" | "tools";
  readonly package?: string;
  readonly version?: string;
  readonly stage?: number;
  readonly metadata?: PluginMetadata;
  readonly integrity?: string;
  readonly lock: LockState;
  /** How it differs from the lock. */
  readonly problems: readonly string[];
  readonly decidedBy?: string;
  readonly failure?: Failure;
}

/** A manifest and what is on disk for each of its entries, in the order in which they run. */
export interface HarnessState {
  readonly file: string;
  readonly manifest: Manifest;
  readonly locked: boolean;
  readonly entries: readonly EntryState[];
  /** Why the harness as a whole does not load, lock included. */
  readonly failure?: Failure;
  readonly hash?: string;
}

/** Whether an entry's package was generated: it lies in the plugin store of the workspace. */
export const isGenerated = (use: string): boolean => use.startsWith("./.harnessx/plugins/");

/** Generated code is looked at and never run in this process. */
const standIn: OpenPlugin = ({ use, metadata: { kind } }) => {
  if (!isGenerated(use)) return undefined;
  return kind === "tools"
    ? { harnessx: "tools", create: () => [] }
    : { harnessx: "processor", setup: () => undefined };
};

/** Looks at everything that a manifest names, without stopping at the first fault. */
export async function inspectHarness(session: Session, file: string): Promise<HarnessState> {
  const { readManifest } = await import("@harnessx/core");
  const manifest = await readManifest(file);
  const lock = await readLockBeside(file);
  const states = await Promise.all(
    entriesOf(manifest).map((entry) => inspectEntry(entry, manifest, dirname(file), lock)),
  );
  const unlocked = await loadFor(session, file, { lock: false, open: standIn }).catch(
    () => undefined,
  );
  const order = unlocked?.processors.map((processor) => processor.id) ?? [];
  // What a bundle expands to has its ids below the bundle's own.
  const position = (id: string): number => {
    const at = order.findIndex((one) => one === id || one.startsWith(`${id}.`));
    return at === -1 ? order.length : at;
  };
  const entries = states.toSorted((a, b) =>
    a.section === b.section ? position(a.id) - position(b.id) : a.section === "processors" ? -1 : 1,
  );
  const facts = { file, manifest, locked: lock !== undefined, entries };
  try {
    return { ...facts, hash: (await loadFor(session, file, { open: standIn })).hash };
  } catch (thrown) {
    return { ...facts, failure: failureOf(thrown).failure };
  }
}

async function inspectEntry(
  entry: ProcessorEntry | ToolsEntry,
  manifest: Manifest,
  root: string,
  lock: Lock | undefined,
): Promise<EntryState> {
  const { loadPlugin, lockEntryMatches, resolveOptions } = await import("@harnessx/core");
  const section = manifest.processors?.some((one) => one.id === entry.id) ? "processors" : "tools";
  const use = packageOf(entry);
  const facts = { id: entry.id, use: "use" in entry ? entry.use : "MCP server", section } as const;
  const own = lock && Object.hasOwn(lock.entries, entry.id) ? lock.entries[entry.id] : undefined;
  const decided = own ? { decidedBy: own.decidedBy } : {};
  if (use === undefined) return { ...facts, lock: "not locked", problems: [], ...decided };
  try {
    const plugin = await loadPlugin(
      use,
      root,
      () => undefined,
      (found) => standIn({ ...found, entry: entry.id, use, capabilities: {} }),
    );
    const { metadata, version, integrity } = plugin;
    resolveOptions(plugin, entry.id, "options" in entry ? entry.options : undefined);
    const stage = ("stage" in entry ? entry.stage : undefined) ?? metadata.stage ?? 0;
    const found = {
      ...facts,
      package: plugin.name,
      version,
      stage,
      metadata,
      integrity,
      ...decided,
    };
    if (!lock) return { ...found, lock: "no lock", problems: [] };
    if (!own) return { ...found, lock: "not locked", problems: ["the lock has no such entry"] };
    const problems = lockEntryMatches(lock, entry.id, {
      use,
      version,
      integrity,
      capabilities: metadata.capabilities ?? {},
    });
    return { ...found, lock: problems.length === 0 ? "locked" : "differs", problems };
  } catch (thrown) {
    return {
      ...facts,
      lock: own ? "differs" : lock ? "not locked" : "no lock",
      problems: [],
      ...decided,
      failure: failureOf(thrown).failure,
    };
  }
}

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { hxError } from "../errors/index.ts";
import { httpFor } from "../tools/http.ts";
import { ToolRegistry } from "../tools/registry.ts";
import {
  canonicalManifest,
  hashManifest,
  lockEntryMatches,
  orderProcessors,
  parseManifest,
  readLock,
  readManifest,
  resolveLimits,
  sha256Hex,
} from "../manifest/index.ts";
import type {
  EntryFacts,
  ErrorPolicy,
  Limits,
  Lock,
  LockEntry,
  Manifest,
  McpEndpoint,
  ProcessorEntry,
  ToolsEntry,
} from "../manifest/types.ts";
import type {
  AnyDefinition,
  BundleDefinition,
  ProcessorDefinition,
  ToolsDefinition,
  ToolSource,
} from "../plugin/define.ts";
import type { JsonObject } from "../plugin/json.ts";
import type { Capabilities, Dimension, PluginKind, PluginMetadata } from "../plugin/metadata.ts";
import type { Tool } from "../plugin/tool.ts";
import { allTools, toolGroup, type LoadedToolGroup } from "./tool-group.ts";
import { loadPlugin, resolveOptions, type InspectedPlugin, type LoadedPlugin } from "./plugin.ts";

/** A processor given in code, without a package. */
export interface InlineProcessor {
  readonly name: string;
  readonly metadata: PluginMetadata;
  readonly options?: JsonObject;
  readonly definition: ProcessorDefinition<never>;
}

/** A processor of a loaded harness, in the order in which it runs. */
export interface LoadedProcessor {
  readonly id: string;
  readonly use: string;
  readonly package: string;
  readonly version: string;
  readonly metadata: PluginMetadata;
  readonly options: JsonObject;
  readonly onError: ErrorPolicy;
  readonly capabilities: Capabilities;
  readonly integrity: string;
  readonly setup: ProcessorDefinition["setup"];
}

/** A manifest with everything it names loaded and checked: what an agent runs. Immutable, shared by any number of runs. */
export interface LoadedHarness {
  readonly manifest: Manifest;
  /** The canonical form: what the hash is taken of. */
  readonly canonical: JsonObject;
  /** `sha256-<hex>` of the canonical form. */
  readonly hash: string;
  /** The folder that relative paths refer to. */
  readonly root: string;
  readonly processors: readonly LoadedProcessor[];
  readonly toolGroups: readonly LoadedToolGroup[];
  /** The tools of all groups at this moment: an MCP server may change its own. A run keeps those with which it began. */
  readonly tools: readonly Tool[];
  readonly limits: Required<Limits>;
  /** Ends connections and processes of the tools; runs in progress lose them. May be called twice. */
  close(): Promise<void>;
}

/** A package that an entry names, found, read and admitted by the lock; its code has not run. */
export interface PluginToOpen extends InspectedPlugin {
  /** Id of the manifest entry. */
  readonly entry: string;
  readonly use: string;
  readonly integrity: string;
  /** What the lock grants, or without a lock what the package declares. */
  readonly capabilities: Capabilities;
}

/** Gives a package's definition in place of importing its code; undefined imports it. */
export type OpenPlugin = (
  plugin: PluginToOpen,
) => AnyDefinition | undefined | Promise<AnyDefinition | undefined>;

/** An MCP server that a tools entry names. */
export interface McpToConnect {
  /** Id of the manifest entry. */
  readonly entry: string;
  readonly endpoint: McpEndpoint;
  /** For the adapter. */
  readonly options: JsonObject;
  /** The folder that relative paths refer to. */
  readonly root: string;
  /** What the lock recorded of the server; undefined without an entry in the lock. */
  readonly locked: LockEntry | undefined;
  /** Called once when the harness is closed. */
  onClose(close: () => void | Promise<void>): void;
}

/** An MCP server as a source of tools. */
export interface ConnectedMcp {
  /** Name and version as the server gives them. */
  readonly name: string;
  readonly version: string;
  /** `sha256-<hex>` of the tools' definitions. */
  readonly integrity: string;
  readonly capabilities: Capabilities;
  readonly tools: readonly Tool[] | ToolSource;
}

/** Connects to MCP servers: what `@harnessx/adapter-mcp` exports as `connectMcp`. */
export type ConnectMcp = (server: McpToConnect) => Promise<ConnectedMcp>;

export interface LoadHarnessOptions {
  /** Folder for packages and relative paths; the manifest's own folder, or the working directory. */
  readonly root?: string;
  readonly inline?: readonly InlineProcessor[];
  /** A lock to check against; by default `<name>.lock.json` beside the manifest file, when there is one. `false` ignores it. */
  readonly lock?: Lock | false;
  /** Opens packages that must not be imported, such as generated ones: see `OpenPlugin`. */
  readonly open?: OpenPlugin;
  /** Connects to the MCP servers that the manifest names; without it they are refused with HX_MCP_UNSUPPORTED. */
  readonly mcp?: ConnectMcp;
}

/**
 * Makes a processor for a manifest entry `{ "use": "inline:<name>" }` from code.
 *
 * @example
 * ```ts
 * import { defineProcessor, replace } from "@harnessx/core/plugin";
 * import { defineHarness, inline } from "@harnessx/core";
 * const shout = inline({ name: "shout", dimension: "context", hooks: ["beforeModel"] }, defineProcessor((run) => {
 *   run.hooks.beforeModel.tap("shout", (event) => replace(event.withLastUser((text) => text.toUpperCase())));
 * }));
 * (await defineHarness({ name: "demo", inline: [shout] })).processors.length; // 1
 * ```
 */
export function inline<Options>(
  facts: {
    readonly name: string;
    readonly dimension: Dimension;
    readonly options?: Options;
  } & Omit<PluginMetadata, "api" | "kind" | "options" | "dimension">,
  definition: ProcessorDefinition<Options>,
): InlineProcessor {
  const { name, options, ...metadata } = facts;
  return {
    name,
    metadata: { api: 1, kind: "processor", ...metadata },
    ...(options === undefined ? {} : { options: options as JsonObject }),
    definition: definition as ProcessorDefinition<never>,
  };
}

/**
 * Loads a manifest: finds and checks every package, resolves the order, verifies the lock, hashes.
 * Nothing is skipped: the first thing that does not fit throws its coded error.
 */
export async function loadHarness(
  source: string | Manifest,
  options: LoadHarnessOptions = {},
): Promise<LoadedHarness> {
  const file = typeof source === "string" ? resolve(source) : undefined;
  const manifest =
    typeof source === "string" ? await readManifest(resolve(source)) : parseManifest(source);
  const root = resolve(options.root ?? (file ? dirname(file) : process.cwd()));
  const lock =
    options.lock === false
      ? undefined
      : (options.lock ?? (file ? await lockBeside(file) : undefined));
  const inlined = new Map(
    (options.inline ?? []).map((processor) => [`inline:${processor.name}`, processor]),
  );

  const closing = new Closing();
  try {
    return await load({
      manifest,
      root,
      inlined,
      lock,
      open: options.open,
      mcp: options.mcp,
      closing,
    });
  } catch (thrown) {
    // What was opened before the first problem must not stay open behind it.
    await closing.close();
    throw thrown;
  }
}

async function load(loading: Loading): Promise<LoadedHarness> {
  const { manifest, root, lock, closing } = loading;
  const loaded = await Promise.all(
    (manifest.processors ?? []).map((entry) => loadEntry(entry, loading)),
  );
  const entries = loaded.flat();
  const facts = new Map<string, EntryFacts>(
    entries.map(({ processor }) => [processor.id, factsOf(processor)]),
  );
  const order = orderProcessors(
    entries.map(({ entry }) => entry),
    facts,
  );
  const byId = new Map(entries.map(({ processor }) => [processor.id, processor]));
  const processors = order.map((id) => byId.get(id)!);

  const toolGroups = await loadTools(loading);
  const tools = allTools(toolGroups);
  new ToolRegistry(tools());
  if (lock)
    checkNothingElse(
      lock,
      [...(manifest.processors ?? []), ...(manifest.tools ?? []), ...processors].map(
        ({ id }) => id,
      ),
    );

  const resolved: Record<string, { version: string; integrity: string }> = {};
  for (const { id, version, integrity } of [...processors, ...toolGroups])
    resolved[id] = { version, integrity };
  const canonical = Object.freeze({
    ...canonicalManifest(manifest, {
      order,
      options: Object.fromEntries(processors.map((p) => [p.id, p.options])),
    }),
    resolved,
  }) as JsonObject;
  return Object.freeze({
    manifest,
    canonical,
    hash: hashManifest(canonical),
    root,
    processors: Object.freeze(processors),
    toolGroups: Object.freeze(toolGroups),
    get tools() {
      return tools();
    },
    limits: resolveLimits(manifest.limits),
    close: () => closing.close(),
  });
}

/** A manifest in code: `loadHarness` without a file, with processors given inline. */
export async function defineHarness(
  definition: Partial<Manifest> & Pick<LoadHarnessOptions, "root" | "inline" | "lock">,
): Promise<LoadedHarness> {
  const { root, inline: inlined = [], lock, ...manifest } = definition;
  const named = new Set((manifest.processors ?? []).map((entry) => entry.use));
  const unnamed = inlined.filter((processor) => !named.has(`inline:${processor.name}`));
  return loadHarness(
    {
      ...manifest,
      name: manifest.name ?? "harness",
      version: manifest.version ?? "1",
      processors: [
        ...(manifest.processors ?? []),
        ...unnamed.map(({ name }) => ({ id: name, use: `inline:${name}` })),
      ],
    },
    {
      inline: inlined,
      ...(root === undefined ? {} : { root }),
      ...(lock === undefined ? {} : { lock }),
    },
  );
}

/** The lock file that belongs to a manifest file: `harness.json` → `harness.lock.json`. */
export function lockPath(manifestFile: string): string {
  return manifestFile.replace(/(\.json)?$/, ".lock.json");
}

async function lockBeside(file: string): Promise<Lock | undefined> {
  const path = lockPath(file);
  const there = await readFile(path).then(
    () => true,
    (thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT") return false;
      throw hxError("HX_LOCK_INVALID", { path, problem: thrown.message }, thrown);
    },
  );
  return there ? readLock(path) : undefined;
}

interface LoadedEntry {
  readonly entry: ProcessorEntry;
  readonly processor: LoadedProcessor;
}

/** What loading one entry needs to know of all. */
interface Loading {
  readonly manifest: Manifest;
  readonly root: string;
  readonly inlined: ReadonlyMap<string, InlineProcessor>;
  readonly lock: Lock | undefined;
  readonly open: OpenPlugin | undefined;
  readonly mcp: ConnectMcp | undefined;
  readonly closing: Closing;
}

interface EntryPlugin extends LoadedPlugin {
  readonly capabilities: Capabilities;
}

async function loadEntryPlugin(
  { id, use }: { readonly id: string; readonly use: string },
  { root, lock, open }: Loading,
): Promise<EntryPlugin> {
  const granted = (metadata: PluginMetadata): Capabilities =>
    lock?.entries[id]?.capabilities ?? metadata.capabilities ?? {};
  const plugin = await loadPlugin(
    use,
    root,
    (found) => checkLock(id, use, found, lock),
    open && ((found) => open({ ...found, entry: id, use, capabilities: granted(found.metadata) })),
  );
  return { ...plugin, capabilities: granted(plugin.metadata) };
}

async function loadEntry(
  entry: ProcessorEntry,
  loading: Loading,
  within: readonly string[] = [],
): Promise<LoadedEntry[]> {
  if (entry.use.startsWith("inline:")) return [loadInline(entry, loading.inlined)];
  const plugin = await loadEntryPlugin(entry, loading);
  if (plugin.metadata.kind === "bundle") return loadBundle(entry, plugin, loading, within);
  requireKind(entry.id, plugin, "processor");
  return [
    {
      entry,
      processor: Object.freeze({
        id: entry.id,
        use: entry.use,
        package: plugin.name,
        version: plugin.version,
        metadata: plugin.metadata,
        options: resolveOptions(plugin, entry.id, entry.options),
        onError: entry.onError ?? "fail",
        capabilities: plugin.capabilities,
        integrity: plugin.integrity,
        setup: (plugin.definition as ProcessorDefinition).setup,
      }),
    },
  ];
}

function loadInline(
  entry: ProcessorEntry,
  inlined: ReadonlyMap<string, InlineProcessor>,
): LoadedEntry {
  const given = inlined.get(entry.use);
  if (!given)
    throw hxError("HX_PLUGIN_NOT_FOUND", { package: entry.use, from: "the inline processors" });
  return {
    entry,
    processor: Object.freeze({
      id: entry.id,
      use: entry.use,
      package: given.name,
      version: "inline",
      metadata: given.metadata,
      options: entry.options ?? given.options ?? {},
      onError: entry.onError ?? "fail",
      capabilities: given.metadata.capabilities ?? {},
      // The code itself is all that can be known of it: what it closes over is the caller's business.
      integrity: `inline-${sha256Hex(given.definition.setup.toString())}`,
      setup: given.definition.setup as ProcessorDefinition["setup"],
    }),
  };
}

async function loadBundle(
  entry: ProcessorEntry,
  plugin: LoadedPlugin,
  loading: Loading,
  within: readonly string[],
): Promise<LoadedEntry[]> {
  if (within.includes(plugin.name)) {
    const problem = `as a bundle it contains itself: ${[...within, plugin.name].join(" > ")}`;
    throw hxError("HX_PLUGIN_METADATA_INVALID", { package: plugin.name, problem });
  }
  const options = resolveOptions(plugin, entry.id, entry.options);
  const parts = (plugin.definition as BundleDefinition).expand(options);
  const expanded = parts.map((part) => ({
    ...(part as ProcessorEntry),
    id: `${entry.id}.${part.id}`,
    ...(entry.onError ? { onError: entry.onError } : {}),
  }));
  // The bundle's own lock entry vouches for what it expands to.
  return (
    await Promise.all(expanded.map((part) => loadEntry(part, loading, [...within, plugin.name])))
  ).flat();
}

async function loadTools(loading: Loading): Promise<readonly LoadedToolGroup[]> {
  const entries = loading.manifest.tools ?? [];
  // All of them, also when one fails: what has opened meanwhile can then be closed.
  const settled = await Promise.allSettled(
    entries.map((entry) =>
      "mcp" in entry ? loadMcp(entry, loading) : loadToolPackage(entry, loading),
    ),
  );
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

async function loadToolPackage(
  entry: Extract<ToolsEntry, { use: string }>,
  loading: Loading,
): Promise<LoadedToolGroup> {
  const plugin = await loadEntryPlugin(entry, loading);
  requireKind(entry.id, plugin, "tools");
  const { name, version, integrity, metadata, capabilities, definition } = plugin;
  const options = resolveOptions(plugin, entry.id, entry.options);
  const tools = await (definition as ToolsDefinition).create(options, {
    root: loading.root,
    http: httpFor(entry.id, capabilities.net ?? []),
    onClose: (close) => loading.closing.add(close),
  });
  const { id, use } = entry;
  const facts = { id, use, package: name, version, metadata, options, capabilities, integrity };
  return toolGroup(facts, tools);
}

async function loadMcp(
  { id, mcp: endpoint, options = {} }: Extract<ToolsEntry, { mcp: McpEndpoint }>,
  { root, lock, mcp, closing }: Loading,
): Promise<LoadedToolGroup> {
  if (!mcp) throw hxError("HX_MCP_UNSUPPORTED", { entry: id });
  const locked = lock?.entries[id];
  const onClose = (close: () => void | Promise<void>): void => closing.add(close);
  const server = await mcp({ entry: id, endpoint, options, root, locked, onClose });
  const { name, version, integrity, tools } = server;
  const capabilities = locked?.capabilities ?? server.capabilities;
  const metadata: PluginMetadata = { api: 1, kind: "tools", capabilities: server.capabilities };
  checkLock(id, MCP_USE, { version, integrity, metadata }, locked && lock);
  const facts = { id, use: MCP_USE, package: name, version, metadata, options };
  return toolGroup({ ...facts, capabilities, integrity }, tools);
}

/** Stands in a lock where packages have their name. */
const MCP_USE = "mcp";

/** Closes what was opened, newest first, once; waits for all and reports nothing: there is nobody left to act on it. */
class Closing {
  readonly #closers: (() => void | Promise<void>)[] = [];

  add(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    const closers = this.#closers.splice(0).toReversed();
    await Promise.allSettled(closers.map(async (close) => close()));
  }
}

function requireKind(entry: string, plugin: LoadedPlugin, expected: PluginKind): void {
  if (plugin.metadata.kind !== expected) {
    throw hxError("HX_PLUGIN_KIND_MISMATCH", {
      entry,
      package: plugin.name,
      kind: plugin.metadata.kind,
      expected,
    });
  }
}

/** Refuses a package that differs from its lock entry, before any of its code has run. */
function checkLock(
  id: string,
  use: string,
  plugin: Pick<LoadedPlugin, "version" | "integrity" | "metadata">,
  lock: Lock | undefined,
): void {
  if (!lock) return;
  const actual: Omit<LockEntry, "decidedBy"> = {
    use,
    version: plugin.version,
    integrity: plugin.integrity,
    capabilities: plugin.metadata.capabilities ?? {},
  };
  const problems = lockEntryMatches(lock, id, actual);
  if (problems.length > 0)
    throw hxError("HX_LOCK_MISMATCH", { entry: id, problem: problems.join("; ") });
}

function checkNothingElse(lock: Lock, ids: readonly string[]): void {
  const extra = Object.keys(lock.entries).filter((id) => !ids.includes(id));
  if (extra.length > 0) {
    throw hxError("HX_LOCK_MISMATCH", {
      entry: extra[0],
      problem: "the lock has it but the manifest does not",
    });
  }
}

function factsOf(processor: LoadedProcessor): EntryFacts {
  const { group, stage, before, after } = processor.metadata;
  return {
    use: processor.use,
    package: processor.package,
    ...(group === undefined ? {} : { group }),
    ...(stage === undefined ? {} : { stage }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

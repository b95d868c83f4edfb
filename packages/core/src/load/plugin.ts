import { readdir, readFile } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { hxError, messageOf } from "../errors/index.ts";
import { hashPackage } from "../manifest/index.ts";
import type { AnyDefinition } from "../plugin/define.ts";
import type { JsonObject, JsonSchema } from "../plugin/json.ts";
import type { PluginKind, PluginMetadata } from "../plugin/metadata.ts";
import { fillingValidatorFor, validatorFor } from "../schema/validator.ts";
import { metadataSchema } from "./metadata-schema.ts";
import { findPackage, readPackage, type FoundPackage } from "./resolve.ts";

/** The plugin contract that this core speaks. */
export const PLUGIN_API = 1;

/** A plugin whose metadata has been read and checked; its code has not run. */
export interface InspectedPlugin extends FoundPackage {
  readonly metadata: PluginMetadata;
  readonly optionsSchema: JsonSchema;
}

/** A plugin with its code loaded. */
export interface LoadedPlugin extends InspectedPlugin {
  readonly definition: AnyDefinition;
  /** `sha256-<hex>` of the files that its code was loaded from. */
  readonly integrity: string;
}

const NO_OPTIONS: JsonSchema = { type: "object", additionalProperties: false };

/** Reads and checks the metadata of the package in `dir`, without running its code. */
export async function inspectPlugin(dir: string): Promise<InspectedPlugin> {
  return inspect(await readPackage(resolve(dir)));
}

/**
 * Finds, checks and imports a plugin.
 *
 * Errors: HX_PLUGIN_NOT_FOUND, HX_PLUGIN_METADATA_*, HX_PLUGIN_API_UNSUPPORTED,
 * HX_PLUGIN_IMPORT_FAILED, HX_PLUGIN_EXPORT_INVALID.
 */
export async function loadPlugin(
  specifier: string,
  root: string,
  /** Called before any code of the package runs; a throw keeps it from running. */
  admit: (plugin: AdmittedPlugin) => void = () => undefined,
  /** Gives the definition in place of an import; undefined imports. */
  open: (
    plugin: AdmittedPlugin,
  ) => AnyDefinition | undefined | Promise<AnyDefinition | undefined> = () => undefined,
): Promise<LoadedPlugin> {
  const plugin = await inspect(await findPackage(specifier, root));
  const integrity = await hashPackage(plugin.dir, plugin.entryFile);
  admit({ ...plugin, integrity });
  const opened = await open({ ...plugin, integrity });
  if (opened) requireDefinition(opened, plugin);
  return {
    ...plugin,
    integrity,
    definition: opened ?? (await importDefinition(plugin, integrity)),
  };
}

type AdmittedPlugin = InspectedPlugin & { readonly integrity: string };

async function inspect(found: FoundPackage): Promise<InspectedPlugin> {
  const raw = found.packageJson["harnessx"];
  if (raw === undefined) throw hxError("HX_PLUGIN_METADATA_MISSING", { package: found.name });
  const api = typeof raw === "object" && raw !== null && "api" in raw ? raw.api : undefined;
  if (typeof api === "number" && Number.isInteger(api) && api !== PLUGIN_API) {
    throw hxError("HX_PLUGIN_API_UNSUPPORTED", { package: found.name, api, supported: PLUGIN_API });
  }
  const problem = validatorFor(metadataSchema)(raw);
  if (problem) throw hxError("HX_PLUGIN_METADATA_INVALID", { package: found.name, problem });
  const metadata = raw as PluginMetadata;
  return { ...found, metadata, optionsSchema: await readOptionsSchema(found, metadata) };
}

async function readOptionsSchema(
  found: FoundPackage,
  metadata: PluginMetadata,
): Promise<JsonSchema> {
  if (metadata.options === undefined) return NO_OPTIONS;
  const file = resolve(found.dir, metadata.options);
  const fail = (problem: string, cause?: unknown) =>
    hxError("HX_PLUGIN_OPTIONS_SCHEMA_INVALID", { package: found.name, problem }, cause);
  if (!file.startsWith(found.dir + sep)) throw fail("it lies outside the package");
  try {
    const schema = JSON.parse(await readFile(file, "utf8")) as JsonSchema;
    fillingValidatorFor(schema);
    return schema;
  } catch (thrown) {
    throw fail(messageOf(thrown), thrown);
  }
}

const imported = new Map<string, AnyDefinition>();

async function importDefinition(
  plugin: InspectedPlugin,
  integrity: string,
): Promise<AnyDefinition> {
  const key = `${plugin.entryFile}#${integrity}`;
  const known = imported.get(key);
  if (known) return known;
  const url = pathToFileURL(plugin.entryFile);
  const changed = [...imported.keys()].some((other) => other.startsWith(`${plugin.entryFile}#`));
  if (changed && (await modulesBeside(plugin.entryFile)) > 1) {
    throw hxError("HX_PLUGIN_CHANGED", { package: plugin.name });
  }
  let module: { readonly default?: unknown };
  try {
    // Node caches modules by address: changed code under the same path needs another one.
    if (changed) url.searchParams.set("integrity", integrity);
    module = (await import(/* @vite-ignore */ url.href)) as { readonly default?: unknown };
  } catch (thrown) {
    throw hxError(
      "HX_PLUGIN_IMPORT_FAILED",
      { package: plugin.name, problem: messageOf(thrown) },
      thrown,
    );
  }
  const definition = requireDefinition(module.default, plugin);
  imported.set(key, definition);
  return definition;
}

function requireDefinition(value: unknown, { name, metadata }: InspectedPlugin): AnyDefinition {
  if (isDefinition(value, metadata.kind)) return value;
  throw hxError("HX_PLUGIN_EXPORT_INVALID", {
    package: name,
    kind: metadata.kind,
    found: describeExport(value),
  });
}

/** How many modules lie in the entry's folder: the others come from Node's cache, whatever is on disk. */
async function modulesBeside(entryFile: string): Promise<number> {
  const files = await readdir(dirname(entryFile), { recursive: true });
  return files.filter(
    (file) =>
      /\.[cm]?[jt]s$/.test(file) && !file.endsWith(".d.ts") && !file.includes("node_modules"),
  ).length;
}

const BODY: Record<PluginKind, string> = {
  processor: "setup",
  tools: "create",
  model: "create",
  suite: "create",
  bundle: "expand",
};

function isDefinition(value: unknown, kind: PluginKind): value is AnyDefinition {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Record<string, unknown>;
  return fields["harnessx"] === kind && typeof fields[BODY[kind]] === "function";
}

function describeExport(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "object" && value !== null && "harnessx" in value)
    return `a ${String(value.harnessx)} definition`;
  return `a ${value === null ? "null" : typeof value}`;
}

/** Options with the schema's defaults filled in, deep-frozen. Throws HX_PLUGIN_OPTIONS_INVALID. */
export function resolveOptions(
  plugin: Pick<InspectedPlugin, "name" | "optionsSchema">,
  entry: string,
  options: JsonObject = {},
): JsonObject {
  const filled = structuredClone(options);
  const problem = fillingValidatorFor(plugin.optionsSchema)(filled);
  if (problem) throw hxError("HX_PLUGIN_OPTIONS_INVALID", { entry, package: plugin.name, problem });
  return deepFreeze(filled);
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}

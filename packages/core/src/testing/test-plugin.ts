import { fileURLToPath } from "node:url";
import { HarnessXError, messageOf } from "../errors/index.ts";
import {
  inspectPlugin,
  loadPlugin,
  type InspectedPlugin,
  type LoadedPlugin,
} from "../load/plugin.ts";
import type {
  BundleDefinition,
  ModelDefinition,
  SuiteDefinition,
  ToolsDefinition,
} from "../plugin/define.ts";
import type { JsonObject } from "../plugin/json.ts";
import type { TraceEvent } from "../trace/schema.ts";
import { bundleLaws } from "./bundle-laws.ts";
import { modelLaws } from "./model-laws.ts";
import { optionsLaws } from "./options-laws.ts";
import { processorLaws } from "./processor-laws.ts";
import { ConformanceError, type ConformanceCheck, type ConformanceReport } from "./report.ts";
import { suiteLaws } from "./suite-laws.ts";
import { toolsLaws } from "./tools-laws.ts";

/** What to test a plugin with. */
export interface TestPluginOptions {
  /** Options of the plugin; without them none, or the first of the options schema's `examples`. */
  readonly options?: JsonObject;
  /** Recorded runs (files or events) that a processor is driven through beside the built-in episodes. */
  readonly traces?: readonly (string | readonly TraceEvent[])[];
}

/**
 * Tests the plugin package in a folder against the laws of its kind.
 *
 * Everything runs in this process, without network: load only code that you trust. Never rejects
 * for a broken plugin; the report says what is wrong.
 *
 * @example
 * ```ts
 * import { testPlugin } from "@harnessx/core/testing";
 * const report = await testPlugin("./no-such-folder");
 * report.ok; // false
 * ```
 */
export async function testPlugin(
  dir: string | URL,
  options: TestPluginOptions = {},
): Promise<ConformanceReport> {
  const folder = typeof dir === "string" ? dir : fileURLToPath(dir);
  const checks: ConformanceCheck[] = [];
  const plugin = await inspectInto(checks, folder);
  if (plugin) await judge(checks, plugin, options);
  return {
    ok: checks.every((check) => check.ok),
    plugin: plugin?.name ?? folder,
    checks,
  };
}

/**
 * Throws a `ConformanceError`, whose message lists every broken law, unless the plugin in `dir`
 * keeps the contract.
 *
 * @example
 * ```ts
 * import { assertConformant } from "@harnessx/core/testing";
 * await assertConformant("./no-such-folder").catch((error) => error.name); // "ConformanceError"
 * ```
 */
export async function assertConformant(
  dir: string | URL,
  options: TestPluginOptions = {},
): Promise<void> {
  const report = await testPlugin(dir, options);
  if (!report.ok) throw new ConformanceError(report);
}

async function inspectInto(
  checks: ConformanceCheck[],
  dir: string,
): Promise<InspectedPlugin | undefined> {
  try {
    const plugin = await inspectPlugin(dir);
    checks.push({
      name: "metadata",
      ok: true,
      detail: `a ${plugin.metadata.kind} for contract ${plugin.metadata.api}`,
    });
    return plugin;
  } catch (thrown) {
    const isSchema =
      HarnessXError.isInstance(thrown) && thrown.code === "HX_PLUGIN_OPTIONS_SCHEMA_INVALID";
    checks.push({ name: isSchema ? "options" : "metadata", ok: false, detail: messageOf(thrown) });
    return undefined;
  }
}

async function judge(
  checks: ConformanceCheck[],
  plugin: InspectedPlugin,
  given: TestPluginOptions,
): Promise<void> {
  let loaded: LoadedPlugin;
  try {
    loaded = await loadPlugin(plugin.dir, plugin.dir);
    checks.push({
      name: "export",
      ok: true,
      detail: `the default export is a ${plugin.metadata.kind} definition`,
    });
  } catch (thrown) {
    checks.push({ name: "export", ok: false, detail: messageOf(thrown) });
    return;
  }
  const { check, options } = optionsLaws(plugin, given.options);
  checks.push(check);
  if (!options) return;
  checks.push(...(await lawsOfKind(loaded, options, given)));
}

async function lawsOfKind(
  plugin: LoadedPlugin,
  options: JsonObject,
  { traces = [] }: TestPluginOptions,
): Promise<ConformanceCheck[]> {
  const { dir, entryFile, metadata, definition } = plugin;
  const name = plugin.name.replace(/^.*\//, "");
  switch (metadata.kind) {
    case "processor":
      return processorLaws({ dir, entryFile, name, metadata, options, traces });
    case "tools":
      return toolsLaws(definition as ToolsDefinition, options, dir, metadata.capabilities?.net);
    case "model":
      return modelLaws(definition as ModelDefinition, options, metadata);
    case "suite":
      return suiteLaws(definition as SuiteDefinition, options, dir);
    case "bundle":
      return bundleLaws(definition as BundleDefinition, options);
  }
}

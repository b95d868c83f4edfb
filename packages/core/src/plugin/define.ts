import type { HttpRequest, HttpResponse } from "./http.ts";
import type { ModelClient } from "./model.ts";
import type { Run } from "./run.ts";
import type { Suite } from "./suite.ts";
import type { Tool } from "./tool.ts";

/** What every plugin's default export carries, so that a wrong package is recognised with a clear error. */
export interface Definition<Kind extends string> {
  readonly harnessx: Kind;
}

/** Runs once per run: registers taps; may return a promise. Everything it keeps is per run. */
export type ProcessorSetup<Options> = (
  run: Run,
  options: Readonly<Options>,
) => void | Promise<void>;

export interface ProcessorDefinition<Options = unknown> extends Definition<"processor"> {
  readonly setup: ProcessorSetup<Options>;
}

/** What a tool factory gets. */
export interface ToolsContext {
  /** The folder that relative paths of the manifest refer to. */
  readonly root: string;
  /**
   * Sends a request to a host of `capabilities.net`; rejects with HX_TOOL_NET_DENIED for any other.
   * The one way to the network that works in every isolation tier.
   */
  http(request: HttpRequest): Promise<HttpResponse>;
  /** Called once when the harness is closed; for connections and processes. */
  onClose(close: () => void | Promise<void>): void;
}

/** Tools that may change while the harness is loaded; a run keeps those with which it began. */
export interface ToolSource {
  /** The tools at this moment: the same array while nothing has changed. */
  list(): readonly Tool[];
}

export interface ToolsDefinition<
  Options = unknown,
  Made extends readonly Tool[] | ToolSource = readonly Tool[] | ToolSource,
> extends Definition<"tools"> {
  readonly create: (options: Readonly<Options>, context: ToolsContext) => Made | Promise<Made>;
}

export interface ModelDefinition<Options = unknown> extends Definition<"model"> {
  readonly create: (options: Readonly<Options>) => ModelClient | Promise<ModelClient>;
}

export interface SuiteDefinition<Options = unknown> extends Definition<"suite"> {
  readonly create: (
    options: Readonly<Options>,
    context: { readonly root: string },
  ) => Suite | Promise<Suite>;
}

/** A named list of other entries with defaults. */
export interface BundleDefinition<Options = unknown> extends Definition<"bundle"> {
  readonly expand: (options: Readonly<Options>) => readonly {
    readonly id: string;
    readonly use: string;
    readonly options?: unknown;
  }[];
}

export type AnyDefinition =
  | ProcessorDefinition<never>
  | ToolsDefinition<never>
  | ModelDefinition<never>
  | SuiteDefinition<never>
  | BundleDefinition<never>;

/**
 * Defines a processor: the default export of its package.
 *
 * The setup function is called once per run, so state in its closure is never shared by two runs.
 * It must only tap hooks that the package's metadata declares.
 *
 * @example
 * ```ts
 * import { defineProcessor, replace } from "@harnessx/core/plugin";
 * export default defineProcessor<{ suffix: string }>((run, options) => {
 *   run.hooks.beforeModel.tap("shout", (event) =>
 *     replace(event.withLastUser((text) => text.toUpperCase() + options.suffix)));
 * });
 * ```
 */
export const defineProcessor = <Options = Record<string, never>>(
  setup: ProcessorSetup<Options>,
): ProcessorDefinition<Options> => ({ harnessx: "processor", setup });

/** Defines a package of tools; `create` is called once per harness. */
export function defineTools<Options = Record<string, never>>(
  create: ToolsDefinition<Options, readonly Tool[]>["create"],
): ToolsDefinition<Options, readonly Tool[]>;
export function defineTools<Options = Record<string, never>>(
  create: ToolsDefinition<Options>["create"],
): ToolsDefinition<Options>;
export function defineTools(create: ToolsDefinition["create"]): ToolsDefinition {
  return { harnessx: "tools", create };
}

/** Defines a model; `create` is called once per agent. */
export const defineModel = <Options = Record<string, never>>(
  create: ModelDefinition<Options>["create"],
): ModelDefinition<Options> => ({ harnessx: "model", create });

/** Defines a suite of tasks. */
export const defineSuite = <Options = Record<string, never>>(
  create: SuiteDefinition<Options>["create"],
): SuiteDefinition<Options> => ({ harnessx: "suite", create });

/** Defines a bundle: entries that a manifest names at once. */
export const defineBundle = <Options = Record<string, never>>(
  expand: BundleDefinition<Options>["expand"],
): BundleDefinition<Options> => ({ harnessx: "bundle", expand });

/** HarnessX core: load a harness, run it, trace it, edit it. */
export * from "./plugin/index.ts";
export { errorTable, hxError, messageOf } from "./errors/index.ts";
export type { ErrorCode } from "./errors/index.ts";
export { hookCatalog, hookNames } from "./hooks/catalog.ts";
export type { HookFacts } from "./hooks/catalog.ts";
export { defineHarness, inline, loadHarness, lockPath } from "./load/harness.ts";
export type {
  InlineProcessor,
  LoadedHarness,
  LoadedProcessor,
  LoadHarnessOptions,
  ConnectedMcp,
  ConnectMcp,
  McpToConnect,
  OpenPlugin,
  PluginToOpen,
} from "./load/harness.ts";
export type { LoadedToolGroup } from "./load/tool-group.ts";
export { metadataSchema } from "./load/metadata-schema.ts";
export { loadModels, modelsSchema } from "./load/models.ts";
export type { ModelEntry, ModelsFile } from "./load/models.ts";
export { inspectPlugin, loadPlugin, PLUGIN_API, resolveOptions } from "./load/plugin.ts";
export type { InspectedPlugin, LoadedPlugin } from "./load/plugin.ts";
export { httpFor } from "./tools/http.ts";
export { findPackage } from "./load/resolve.ts";
export type { FoundPackage } from "./load/resolve.ts";
export * from "./manifest/index.ts";
export type * from "./manifest/types.ts";
export { costOf } from "./model/roles.ts";
export type { ModelTarget, Price, RetryPolicy, RoleModels } from "./model/roles.ts";
export { scriptedModel } from "./model/scripted.ts";
export type { Script, ScriptedReply } from "./model/scripted.ts";
export { replayModel } from "./model/replay.ts";
export { createAgent } from "./run/agent.ts";
export { estimateTokens, messageList } from "./run/history.ts";
export { seededRandom } from "./run/random.ts";
export type * from "./run/types.ts";
export { explain, validatorFor } from "./schema/validator.ts";
export type { Validator } from "./schema/validator.ts";
export * from "./trace/index.ts";
export type * from "./trace/schema.ts";
export { version } from "./version.ts";

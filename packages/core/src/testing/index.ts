/**
 * What plugin authors test with: a conformance kit, and a scripted model for runs through the real
 * runtime. Independent of any test framework.
 */
export { scriptedModel, type Script, type ScriptedReply } from "../model/scripted.ts";
export { episodes, type Episode } from "./episodes.ts";
export {
  ConformanceError,
  renderReport,
  type ConformanceCheck,
  type ConformanceReport,
} from "./report.ts";
export { runProcessor, type ProcessorRun, type RunProcessorInput } from "./run-processor.ts";
export { episodeOf } from "./trace-episode.ts";
export { assertConformant, testPlugin, type TestPluginOptions } from "./test-plugin.ts";
export { toolContext } from "./tool-context.ts";

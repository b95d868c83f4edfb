import { defineModel } from "@harnessx/core/plugin";
import { createRecordedModel, type RecordedOptions } from "./recorded-model.ts";

export { armOf, readSetting, recordedArms } from "./arm.ts";
export type { RecordedModelName, Setting } from "./arm.ts";
export { recordedErrors } from "./errors.ts";
export type { RecordedError, RecordedErrorCode } from "./errors.ts";
export { createRecordedModel } from "./recorded-model.ts";
export type { RecordedModel, RecordedOptions } from "./recorded-model.ts";
export { suiteTaskId } from "./recordings.ts";
export type { RecordedTask } from "./recordings.ts";

/** The model plugin: what language models did in the recorded runs of InterCode-SQL. */
export default defineModel<RecordedOptions>((options) => createRecordedModel(options));

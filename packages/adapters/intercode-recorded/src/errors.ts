import { defineErrors, type HarnessXError } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const recordedErrors = {
  HX_RECORDED_DATA: {
    tag: "ModelError",
    message: "The recordings in {file} cannot be used: {problem}.",
    hint: "The option data takes a folder with tasks.jsonl and recorded/<model>.<harness>.jsonl.",
  },
  HX_RECORDED_UNBOUND: {
    tag: "ModelError",
    message: "The recorded model is not bound to a task.",
    hint: "Run it in rollouts of the suite @harnessx/adapter-intercode-sql with the same data: they bind it.",
  },
  HX_RECORDED_NO_TASK: {
    tag: "ModelError",
    message: "Nothing is recorded for the task {task} with {arm}.",
    hint: "Give the suite and the model the same data folder.",
  },
  HX_RECORDED_NO_ARM: {
    tag: "ModelError",
    message: "No run of {model} was recorded with {settings}.",
    hint: "The README of @harnessx/adapter-intercode-recorded lists the recorded settings and how each is recognised.",
  },
  HX_RECORDED_ARM_CHANGED: {
    tag: "ModelError",
    message: "The request asks for the recording {now}, but the run began with {before}.",
    hint: "A recording holds for a whole run: keep prompt, schema and budget as they were at its first request.",
  },
  HX_RECORDED_NO_TOOL: {
    tag: "ModelError",
    message: "The request offers no tool execute_sql.",
    hint: "The recorded actions are queries: the harness must leave execute_sql to the model.",
  },
} as const;

/** The codes that this package raises. */
export type RecordedErrorCode = keyof typeof recordedErrors;

/** An error of this package. */
export type RecordedError = HarnessXError<RecordedErrorCode>;

/** Makes an error of this package. */
export const recordedError = defineErrors(recordedErrors);

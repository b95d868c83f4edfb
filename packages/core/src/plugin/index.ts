/**
 * The contract between the runtime and plugins: types and a few pure functions, without any
 * import at run time, so that a bundled plugin contains its own code and nothing else.
 */
export * from "./call.ts";
export * from "./define.ts";
export * from "./error.ts";
export * from "./events.ts";
export * from "./hooks.ts";
export * from "./http.ts";
export * from "./json.ts";
export * from "./message.ts";
export * from "./metadata.ts";
export * from "./model.ts";
export * from "./outcome.ts";
export * from "./role-model.ts";
export * from "./run.ts";
export * from "./shared-slots.ts";
export * from "./slots.ts";
export * from "./spawn.ts";
export * from "./suite.ts";
export * from "./tool-spec.ts";
export * from "./tool.ts";
export * from "./verdict.ts";

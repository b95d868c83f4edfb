/** AEGIS: evolves a harness from its own traces and gates every edit. */
export * from "./bench/index.ts";
export * from "./digest/index.ts";
export { aegisErrorTable, type AegisErrorCode } from "./errors.ts";
export * from "./evolve/index.ts";
export * from "./gate/index.ts";
export * from "./install/index.ts";
export * from "./isolation/index.ts";
export * from "./journal/index.ts";
export * from "./loop/index.ts";
export * from "./mine/index.ts";
export * from "./plan/index.ts";
export * from "./rollout/index.ts";
export * from "./statistics/index.ts";
export * from "./verify/index.ts";

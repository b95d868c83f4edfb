export * from "./bench/index.ts";
export { aegisErrorTable, type AegisErrorCode } from "./errors.ts";
export * from "./rollout/index.ts";
export * from "./statistics/index.ts";

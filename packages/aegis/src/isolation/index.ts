export { isolationErrorTable } from "./errors.ts";
export { openIsolated } from "./open-isolated.ts";
export { createProcessIsolation, type ProcessIsolationOptions } from "./process/isolation.ts";
export { createTrustedIsolation } from "./trusted.ts";
export {
  defaultIsolationLimits,
  type IsolatedPlugin,
  type Isolation,
  type IsolationLimits,
  type IsolationSubject,
  type IsolationTier,
  type ProbeCheck,
  type ProbeReport,
} from "./types.ts";
export { createWasmIsolation, type WasmIsolationOptions } from "./wasm.ts";

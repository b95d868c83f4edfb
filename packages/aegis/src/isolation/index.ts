export { isolationErrorTable } from "./errors.ts";
export { isolateHarness, isolatePackage, isolateProcessor } from "./isolate.ts";
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
export { createWasmIsolation } from "./wasm.ts";

export { bench, type BenchArm, type BenchOptions, type BenchProgress } from "./bench.ts";
export type { ArmResult, BenchReport, ClusterResult, Comparison, FloorResult } from "./report.ts";
export { pairUp, summarize } from "./summary.ts";

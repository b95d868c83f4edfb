export { runDemo, type DemoOptions, type DemoRate, type DemoReport } from "./demo.ts";
export { evolve } from "./evolve.ts";
export type {
  CandidateReport,
  DecisionReport,
  EvolutionProgress,
  EvolutionReport,
  EvolutionStage,
  EvolveOptions,
  NoiseFloor,
  RoundReport,
  StageSpend,
} from "./types.ts";
export { runStage, stageNames, type StageName, type StageResult } from "./stage.ts";

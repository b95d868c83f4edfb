export { runDemo, type DemoOptions, type DemoRate, type DemoReport } from "./demo.ts";
export { evolve } from "./evolve.ts";
export type {
  CandidateReport,
  DecisionReport,
  EvolutionProgress,
  EvolutionReport,
  EvolutionStage,
  EvolveOptions,
  RoundReport,
} from "./types.ts";

export type {
  AttestedEntry,
  GenerationContent,
  InstallIntent,
  JournalEntry,
  JournalEvent,
  ProposedCandidate,
  SealedArm,
  SealedGain,
  SealResult,
} from "./entries.ts";
export { attemptsOf, openJournal, readJournal, type Journal } from "./journal.ts";
export { proposedOf } from "./proposed.ts";
export { redrive, type Redriven } from "./redrive.ts";
export { replayVerdicts, type ReplayedVerdict } from "./replay.ts";

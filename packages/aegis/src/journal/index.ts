export {
  attemptsOf,
  openJournal,
  readJournal,
  replayVerdicts,
  type InstallIntent,
  type Journal,
  type JournalEntry,
  type JournalEvent,
  type ProposedCandidate,
  type ReplayedVerdict,
} from "./journal.ts";

import type { Verb } from "./commands.ts";

/** Base features of one command. */
export const slots = 24;
/** Commands that share their base features share a class. */
export const verbClass: Readonly<Record<Verb, number>> = {
  go: 0,
  open: 1,
  close: 2,
  take: 3,
  move: 4,
  clean: 5,
  heat: 5,
  cool: 5,
  use: 6,
  slice: 7,
  examine: 8,
  look: 9,
  inventory: 10,
  help: 11,
};
/** Number of base features. */
export const baseCount = 12 * slots;

/**
 * Relations under which cue words are weighed. `Named` means that the sentence names the very
 * instance, `Kind` its type, `Verb` the command, `Any` every sentence. `Seek` is while something is
 * looked for; `Ready`, `Raw`, `RawHint` while it is held: nothing left to do, something left to do,
 * something left to do that the sentence mentions. `Goal` and `Tool` are places of the type that the
 * task asks for and of the type that treats the object. `Put` are sentences about putting things down,
 * `Hint` sentences that name the treatment or speak of repetition.
 */
export const cueKeys = [
  "goNamedSeek",
  "goNamedSeekTheme",
  "goNamedSeekThemeHere",
  "goNamedSeekOther",
  "goNamedSeekGoal",
  "goNamedSeekGoalTheme",
  "goNamedSeekGoalThemeHere",
  "goNamedSeekGoalOther",
  "goNamedReadyGoal",
  "goNamedReadyTool",
  "goNamedRawGoal",
  "goNamedRawTool",
  "goKindSeek",
  "goKindSeekTheme",
  "goKindRawHintGoal",
  "goKindRawHintTool",
  "goRawToolPut",
  "goRawToolHint",
  "goRawGoalPut",
  "goRawGoalHint",
  "goRecentAny",
  "goRecentHint",
  "goClosedAny",
  "openVerbSeek",
  "openNamedSeek",
  "openKindSeek",
  "openAnySeek",
  "openVerbHeld",
  "openBare",
  "takeThemeNamed",
  "takeThemeVerb",
  "takeGoalNamed",
  "movePlaceNamed",
  "moveReadyPut",
  "moveRawPut",
  "moveRawHint",
  "treatVerb",
  "treatKind",
  "treatUnasked",
  "useGoalKind",
  "useVerb",
  "idleVerb",
  "closeVerb",
  "repeatAny",
  "repeatHint",
] as const;
/** Index of each relation. */
export const K = Object.fromEntries(cueKeys.map((name, index) => [name, index])) as Record<
  (typeof cueKeys)[number],
  number
>;

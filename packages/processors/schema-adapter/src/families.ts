import type { ModelFamily, Quirks } from "./options.ts";

/** What a model family does with tool arguments, and what it is told about it. */
export interface Family {
  readonly quirks: Quirks;
  readonly notes: readonly string[];
}

const leaveOut =
  "Leave optional arguments out when you have no value for them: no null, no empty text, no placeholder.";
const nested =
  "Pass lists and objects as JSON values of their own, never as a text that contains JSON.";
const scalars = "Write numbers and booleans without quotes.";
const onlyNamed = "Use the argument names exactly as the tool's schema has them, and no others.";

const none: Quirks = {
  dropNull: true,
  dropPlaceholders: false,
  readScalars: false,
  readJson: false,
  wrapLists: false,
};

/**
 * By family. `dropNull` is everywhere: modes that make every argument required, as strict function
 * calling does, say "not given" by null.
 */
export const families: Readonly<Record<ModelFamily, Family>> = {
  openai: { quirks: none, notes: [] },
  anthropic: { quirks: { ...none, readJson: true }, notes: [nested] },
  google: {
    quirks: { ...none, dropPlaceholders: true, wrapLists: true },
    notes: [leaveOut],
  },
  qwen: {
    quirks: { ...none, dropPlaceholders: true, readScalars: true, readJson: true },
    notes: [leaveOut, scalars, nested],
  },
  llama: {
    quirks: { ...none, dropPlaceholders: true, readScalars: true, readJson: true, wrapLists: true },
    notes: [leaveOut, scalars, nested, onlyNamed],
  },
  mistral: {
    quirks: { ...none, readScalars: true, readJson: true },
    notes: [scalars, nested],
  },
  other: { quirks: none, notes: [] },
};

/** One line of a checklist; plain JSON, because a swap hands it over. */
export type Item = { text: string; state: "open" | "done" | "dropped" };

const maxItems = 100;
const maxItemChars = 200;
const maxTextChars = 20_000;
const codeBlock = /```[\s\S]*?(?:```|$)/g;
const checkbox = /^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\[([ xX~-])\][ \t]+(\S.*)$/gm;

/** The checklist lines of a text, those in code blocks left out: `- [ ]`, `- [x]`, `- [-]` for dropped. */
export function itemsInText(text: string): Item[] {
  const prose = text.slice(-maxTextChars).replace(codeBlock, "\n");
  return [...prose.matchAll(checkbox)]
    .slice(0, maxItems)
    .map(([, mark, line]) => ({ text: clean(line!), state: stateOf(mark!) }));
}

function stateOf(mark: string): Item["state"] {
  if (mark === "-") return "dropped";
  return mark === "x" || mark === "X" ? "done" : "open";
}

const textFields = ["content", "text", "title", "step", "task", "description", "name", "subject"];
const stateFields = ["status", "state"];
const doneFields = ["done", "completed", "checked"];
const doneWords = new Set(["complete", "completed", "done", "finished"]);
const droppedWords = new Set(["cancelled", "canceled", "deleted", "dropped", "skipped"]);

/** The whole checklist that the arguments of a tool hold; nothing when they hold none. */
export function itemsInInput(input: unknown): Item[] | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  const values: readonly unknown[] = Array.isArray(input) ? [input] : Object.values(input);
  for (const value of values) {
    if (!Array.isArray(value)) continue;
    const items = value.map(itemOf).filter((item) => item !== undefined);
    if (items.length > 0 || value.length === 0) return items.slice(0, maxItems);
  }
  for (const value of values) {
    const items = typeof value === "string" ? itemsInText(value) : [];
    if (items.length > 0) return items;
  }
  return undefined;
}

function itemOf(value: unknown): Item | undefined {
  if (typeof value === "string") return itemFrom(value, "open");
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const text = textFields
    .map((name) => fields.get(name))
    .find((field) => typeof field === "string");
  if (typeof text !== "string") return undefined;
  if (doneFields.some((name) => fields.get(name) === true)) return itemFrom(text, "done");
  const word = stateFields
    .map((name) => fields.get(name))
    .find((field) => typeof field === "string");
  const state = typeof word === "string" ? word.toLowerCase() : "";
  if (doneWords.has(state)) return itemFrom(text, "done");
  return itemFrom(text, droppedWords.has(state) ? "dropped" : "open");
}

function itemFrom(text: string, state: Item["state"]): Item | undefined {
  const cleaned = clean(text);
  return cleaned === "" ? undefined : { text: cleaned, state };
}

function clean(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > maxItemChars ? `${line.slice(0, maxItemChars - 1)}…` : line;
}

/** Equal for two spellings of one item. */
export function keyOf({ text }: Pick<Item, "text">): string {
  return text.toLowerCase().replace(/[*_`~]|\.$/g, "");
}

/** Items with their newest states, new ones at the end. The oldest finished ones go when there are too many. */
export function merged(items: readonly Item[], newer: readonly Item[]): Item[] {
  const byKey = new Map(items.map((item) => [keyOf(item), item]));
  for (const item of newer) byKey.set(keyOf(item), item);
  const all = [...byKey.values()];
  if (all.length <= maxItems) return all;
  const surplus = new Set(
    all.filter(({ state }) => state !== "open").slice(0, all.length - maxItems),
  );
  return all.filter((item) => !surplus.has(item)).slice(-maxItems);
}

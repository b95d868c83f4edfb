import type { NotesState, Place } from "./memory.ts";
import type { NotesOptions, NoteWording } from "./options.ts";

/** The notes as text, or nothing when there is nothing to say. */
export function renderNotes(
  state: NotesState,
  options: NotesOptions,
  isRelevant: (name: string) => boolean,
): string | undefined {
  const lines = linesOf(state, options, isRelevant);
  const kept: string[] = options.heading === "" ? [] : [options.heading];
  const bare = kept.length;
  let length = options.heading.length;
  for (const line of lines) {
    length += line.length + 1;
    if (length > options.maxChars) break;
    kept.push(line);
  }
  return kept.length === bare ? undefined : kept.join("\n");
}

/** Every line, the most useful first: what does not fit is cut from the end. */
function linesOf(
  state: NotesState,
  { sections, wording }: NotesOptions,
  isRelevant: (name: string) => boolean,
): string[] {
  const held: string[] = sections.held
    ? state.held.map((item) => fill(wording.held, { item }))
    : [];
  const placed = sections.placed
    ? state.placed.map(({ item, place }) => fill(wording.placed, { item, place }))
    : [];
  const changed = sections.changed
    ? state.changed.map(({ item, change }) => fill(wording.changed, { item, change }))
    : [];
  const failed = sections.failed
    ? state.failed.map((action) => fill(wording.failed, { action }))
    : [];

  const seen: string[] = [];
  const unvisited: string[] = [];
  const searched: string[] = [];
  const own = new Set(state.placed.map(({ item }) => item.toLowerCase()));
  for (const place of state.places) {
    if (place.items === null) {
      // An open place that was entered without a list of what it holds: nothing is known of it.
      if (place.closed || !place.visited) unvisited.push(notSearched(place, wording));
      continue;
    }
    const items = place.items.filter((item) => !own.has(item.toLowerCase()));
    const wanted = items.filter(isRelevant);
    for (const item of wanted) seen.push(fill(wording.seen, { item, place: place.name }));
    if (wanted.length === 0) {
      const bare = items.length === 0 ? wording.empty : wording.other;
      const template = isRelevant(place.name) ? wording.named : bare;
      searched.push(fill(template, { place: place.name, items: items.join(", ") }));
    }
  }
  return [
    ...held,
    ...placed,
    ...changed,
    ...(sections.seen ? seen : []),
    ...failed,
    ...(sections.unvisited ? unvisited : []),
    ...(sections.searched ? searched : []),
  ];
}

function notSearched(place: Place, wording: NoteWording): string {
  return fill(place.closed ? wording.closed : wording.unvisited, { place: place.name });
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name]! : whole,
  );
}

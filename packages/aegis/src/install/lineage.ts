import type { JournalEvent } from "../journal/index.ts";

type Ship = Extract<JournalEvent, { readonly t: "ship" }>;

/** The version that stands at the end of a journal, as far as it tells. */
export function presentVersion(events: readonly JournalEvent[]): string | undefined {
  const last = events.findLast(
    (event) => event.t === "ship" || (event.t === "rollback" && event.parents.length > 0),
  );
  if (last?.t === "ship" || last?.t === "rollback") return last.version;
  const begun = events.find((event) => event.t === "begin");
  return begun?.t === "begin" ? begun.harness : undefined;
}

/** The ship that a version came by. */
export function shipOf(events: readonly JournalEvent[], version: string): Ship | undefined {
  const ship = events.findLast((event) => event.t === "ship" && event.version === version);
  return ship?.t === "ship" ? ship : undefined;
}

/** A version's ships and those of its ancestors, newest first. */
export function shipsBehind(events: readonly JournalEvent[], version: string): Ship[] {
  const ships: Ship[] = [];
  const seen = new Set<string>();
  for (let at: string | undefined = version; at !== undefined && !seen.has(at);) {
    seen.add(at);
    const ship = shipOf(events, at);
    if (ship) ships.push(ship);
    at = ship?.parents[0];
  }
  return ships;
}

/** The verdicts that stand behind one version and not behind another, newest first. */
export function verdictsUndone(
  events: readonly JournalEvent[],
  from: string,
  to: string,
): readonly string[] {
  const kept = new Set(shipsBehind(events, to).map(({ verdict }) => verdict));
  return shipsBehind(events, from).flatMap(({ verdict }) => (kept.has(verdict) ? [] : [verdict]));
}

/**
 * Operators of edits that were shipped and rolled back since: none of them comes back without new
 * evidence. An operator that shipped again after that counts as standing.
 */
export function rolledBackOperators(events: readonly JournalEvent[]): ReadonlySet<string> {
  const undone = new Set<string>();
  for (const event of events)
    if (event.t === "rollback") for (const verdict of event.undone ?? []) undone.add(verdict);
  const standing = new Set(
    shipsBehind(events, presentVersion(events) ?? "").map(({ verdict }) => verdict),
  );
  const candidates = new Set(
    events.flatMap((event) =>
      event.t === "certify" && undone.has(event.id) && !standing.has(event.id)
        ? event.candidates
        : [],
    ),
  );
  return new Set(
    events.flatMap((event) =>
      event.t === "proposed" && candidates.has(event.candidate.id)
        ? [event.candidate.operator]
        : [],
    ),
  );
}

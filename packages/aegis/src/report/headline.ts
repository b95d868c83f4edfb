import type { JournalEvent } from "../journal/index.ts";
import { MAIN } from "../variants/index.ts";
import { ancestry, type Lineage } from "./lineage.ts";
import type { HeadlineRecord, RunRecord, VerdictRecord, VersionRecord } from "./types.ts";

/** What changed, by how much, and whether it is certified. */
export function headlineOf(
  events: readonly JournalEvent[],
  lineage: Lineage,
  runs: readonly RunRecord[],
  verdicts: readonly VerdictRecord[],
): HeadlineRecord {
  const { versions } = lineage;
  const current = versions.filter(({ state }) => state === "current");
  const main = current.find(({ variant }) => variant === MAIN);
  const standing = new Set(current.flatMap((version) => ancestry(versions, version)));
  const through = verdicts.filter(({ id }) => {
    const result = lineage.results.get(id);
    return result !== undefined && standing.has(result);
  });
  const from = versions[0]?.id ?? "";
  const shipped = events.some(({ t }) => t === "ship" || t === "fork");
  const changed = through.length > 0 || (main !== undefined && main.id !== from);
  const effect = effectOf(events, lineage, runs, through, versions);
  return {
    state: changed ? "changed" : shipped ? "rolled_back" : "unchanged",
    unfinished: isUnfinished(events),
    from,
    to: main?.id ?? from,
    changes: through.flatMap(({ candidates }) => candidates),
    ...(effect ? { effect } : {}),
    certified: {
      verdicts: through.map(({ id }) => id),
      identical: through.filter(({ replay }) => replay === "identical").length,
    },
  };
}

function isUnfinished(events: readonly JournalEvent[]): boolean {
  const begun = events.findLastIndex(({ t }) => t === "begin");
  const rest = events.slice(begun + 1);
  if (begun === -1) {
    // Journals of before runs were recorded: a round that came to its attempts is over.
    const round = events.findLastIndex(({ t }) => t === "round");
    return !events.slice(round + 1).some(({ t }) => t === "attempt");
  }
  return !rest.some(({ t }) => t === "end" || t === "rollback");
}

/** Sealed tasks speak for the harness that stands as long as nothing has changed since. */
function effectOf(
  events: readonly JournalEvent[],
  { results, incumbents }: Lineage,
  runs: readonly RunRecord[],
  through: readonly VerdictRecord[],
  versions: readonly VersionRecord[],
): HeadlineRecord["effect"] {
  const changed = events.findLastIndex(({ t }) => t === "ship" || t === "fork" || t === "rollback");
  const sealed = events.findLast((event) => event.t === "seal");
  if (sealed?.t === "seal" && sealed.seq > changed) {
    const result = runs.find(({ run }) => run === sealed.run)?.sealed;
    const gain = result?.gains.find(({ over }) => over === "seed") ?? result?.gains[0];
    if (result && gain)
      return {
        split: "sealed",
        over: gain.over,
        mean: gain.mean,
        interval: gain.interval,
        noiseFloor: result.noiseFloor,
      };
  }
  const last = through.findLast(({ id }) => results.get(id)?.variant === MAIN) ?? through.at(-1);
  if (last?.effect === undefined || last.interval === undefined) return undefined;
  const before = incumbents.get(last.id) ?? versions[0];
  const scoped = last.decision === "FORK" ? last.scopeEffect : undefined;
  const where = scoped && last.scope ? ` on ${last.scope.join(", ")}` : "";
  return {
    split: "validation",
    over: `${before?.label ?? "the incumbent"}${where}`,
    mean: scoped?.mean ?? last.effect,
    interval: scoped?.interval ?? last.interval,
    ...(last.noiseFloor === undefined ? {} : { noiseFloor: last.noiseFloor }),
  };
}

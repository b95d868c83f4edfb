import type { TraceEvent } from "@harnessx/core";
import { textOf } from "@harnessx/core/plugin";
import { aegisError } from "../errors.ts";
import { groupBy } from "../statistics/group.ts";

/** Where a claim comes from: an event of a trace and words that stand in it. */
export interface Evidence {
  /** Id of the run. */
  readonly trace: string;
  /** Position of the event. */
  readonly seq: number;
  /** At most 200 characters, word for word. */
  readonly quote: string;
}

export const QUOTE_LIMIT = 200;

/** The first words of a text, as a quotation. */
export function quoteOf(text: string): string {
  return text.slice(0, QUOTE_LIMIT);
}

/**
 * Checks that every quotation stands where it claims to. Rejects with HX_AEGIS_EVIDENCE_MISSING for
 * the first that does not; reads each trace once. `open` gives the events of a run by its id.
 */
export async function checkEvidence(
  evidence: Iterable<Evidence>,
  open: (trace: string) => AsyncIterable<TraceEvent> | Iterable<TraceEvent>,
): Promise<void> {
  for (const [trace, claims] of groupBy(evidence, (claim) => claim.trace)) {
    const missing = new Map(claims.map((claim) => [`${claim.seq}\n${claim.quote}`, claim]));
    const wanted = groupBy(claims, (claim) => claim.seq);
    for await (const event of open(trace)) {
      for (const claim of wanted.get(event.seq) ?? []) {
        if (
          claim.quote.length <= QUOTE_LIMIT &&
          textsOf(event).some((text) => text.includes(claim.quote))
        ) {
          missing.delete(`${claim.seq}\n${claim.quote}`);
        }
      }
    }
    const [lost] = missing.values();
    if (lost) throw aegisError("HX_AEGIS_EVIDENCE_MISSING", { ...lost });
  }
}

/** The texts of an event that may be quoted. */
function textsOf(event: TraceEvent): string[] {
  switch (event.type) {
    case "tool.result":
      return [textOf(event.content)];
    case "run.end":
      return [event.exit, event.output, event.reason ?? ""];
    case "run.start":
      return [event.task.text];
    case "model.response":
      return [textOf(event.content)];
    default:
      return [];
  }
}

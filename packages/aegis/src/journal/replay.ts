import { canonicalJson } from "@harnessx/core";
import { createGate, type GateVerdict } from "../gate/index.ts";
import type { JournalEvent } from "./entries.ts";

/** One recorded verdict and what the gate makes of the recorded outcomes. */
export interface ReplayedVerdict {
  readonly id: string;
  readonly recorded: GateVerdict;
  readonly replayed: GateVerdict | undefined;
  readonly identical: boolean;
}

/** Feeds the recorded outcomes of every certification to the gate again and compares the verdicts byte for byte. */
export function replayVerdicts(events: readonly JournalEvent[]): ReplayedVerdict[] {
  return events.flatMap((event): ReplayedVerdict[] => {
    if (event.t !== "verdict") return [];
    const { id, verdict: recorded } = event;
    const begun = events.find((other) => other.t === "certify" && other.id === id);
    if (begun?.t !== "certify") return [{ id, recorded, replayed: undefined, identical: false }];
    const gate = createGate(begun.policy, begun.tasks, begun.context);
    for (const other of events)
      if (other.t === "trials" && other.id === id) gate.observe(other.outcomes);
    const step = gate.next();
    const replayed = step.type === "verdict" ? step : undefined;
    return [
      {
        id,
        recorded,
        replayed,
        identical: canonicalJson(recorded) === (replayed && canonicalJson(replayed)),
      },
    ];
  });
}

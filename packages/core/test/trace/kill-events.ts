import type { TraceEvent } from "../../src/trace/index.ts";
import { logEvent, startEvent } from "./events.ts";

/** The event that the child writes at `seq`; now and then one with a blob of its own. */
export function killEvent(seq: number): TraceEvent {
  if (seq === 0) return startEvent();
  return logEvent(seq, seq % 50 === 0 ? `${seq} `.repeat(1500) : "x".repeat(seq % 700));
}

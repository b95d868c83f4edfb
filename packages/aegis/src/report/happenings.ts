import type { JournalEvent } from "../journal/index.ts";
import type { HappeningRecord } from "./types.ts";

/** What happened to the workspace as a whole, in order. `label` names a harness by its hash. */
export function happeningsOf(
  events: readonly JournalEvent[],
  label: (hash: string) => string,
): HappeningRecord[] {
  return events.flatMap((event): HappeningRecord[] => {
    const tell = (kind: HappeningRecord["kind"], text: string, alarm = false) => [
      { seq: event.seq, kind, text, alarm },
    ];
    switch (event.t) {
      case "begin":
        return tell("begin", `run ${event.run} began with ${label(event.harness)}`);
      case "ship":
        return tell("ship", `${label(event.version)} became harness.json by ${event.verdict}`);
      case "fork":
        return tell(
          "fork",
          `${label(event.version)} became variant ${event.variant} for ${event.scope.join(", ")} by ${event.verdict}`,
        );
      case "merge":
        return tell("merge", `variant ${event.variant} went into ${event.into}: ${event.why}`);
      case "retire":
        return tell("retire", `variant ${event.variant} was retired: ${event.why}`);
      case "rollback":
        return event.parents.length > 0
          ? tell("rollback", `harness.json is ${label(event.version)} again: ${event.why}`, true)
          : tell(
              "rollback",
              `the installation of ${label(event.version)} was given up: ${event.why}`,
              true,
            );
      case "quarantine":
        return tell("quarantine", `${event.entry} was put into quarantine: ${event.why}`, true);
      case "drift": {
        const { a, b, c } = event.counts;
        const found = `${a} won, ${b} lost, ${c} tied against the harness at the beginning`;
        return tell("drift", event.alarm ? `alarm: ${found}` : `no drift: ${found}`, event.alarm);
      }
      case "seal":
        return tell("seal", `${event.result.tasks} sealed tasks were played`);
      case "human":
        return tell("human", `${event.who}: ${event.act}`);
      case "end":
        return tell("end", `run ${event.run} ended: ${event.why}`);
      default:
        return [];
    }
  });
}

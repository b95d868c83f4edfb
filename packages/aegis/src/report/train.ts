import { streamTrace } from "@harnessx/core";
import { summarize } from "../bench/summary.ts";
import type { RolloutRecord } from "../rollout/index.ts";
import { groupBy } from "../statistics/group.ts";
import type { ArtefactReader } from "./artefacts.ts";
import type { GridRow, RateRecord } from "./types.ts";

/** More of a task's last line is not needed to know it by. */
const LONGEST_TASK = 240;

/** The pass rate over rollouts of one harness. */
export function trainRate(records: readonly RolloutRecord[]): RateRecord {
  const { clusters, passRate, interval } = summarize("", "", records, 1);
  const sum = (of: "passed" | "trials" | "tasks"): number =>
    clusters.reduce((total, cluster) => total + cluster[of], 0);
  return {
    passed: sum("passed"),
    trials: sum("trials"),
    tasks: sum("tasks"),
    rate: passRate,
    interval,
  };
}

/** Train tasks by cluster, each with its outcomes under every version that played it. */
export async function gridOf(
  records: readonly RolloutRecord[],
  reader: ArtefactReader,
): Promise<GridRow[]> {
  // Nobody outside the gate is told about single tasks of other splits, whatever an artefact holds.
  const train = records.filter(({ split }) => split === "train");
  const rows: GridRow[] = [];
  for (const [task, own] of groupBy(train, (record) => record.task)) {
    const text = await textOf(own, reader);
    rows.push({
      task,
      cluster: own[0]!.cluster,
      ...(text === undefined ? {} : { text }),
      outcomes: Object.fromEntries(
        [...groupBy(own, ({ harness }) => harness)].map(([harness, trials]) => [
          harness,
          {
            passed: trials.filter(({ passed }) => passed).length,
            trials: trials.length,
            infra: trials.filter(({ infra }) => infra !== undefined).length,
          },
        ]),
      ),
    });
  }
  const order = ({ cluster, task }: GridRow): string => `${cluster}\n${task}`;
  return rows.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** What the agent was asked: the first event of one of the task's traces. */
async function textOf(
  records: readonly RolloutRecord[],
  reader: ArtefactReader,
): Promise<string | undefined> {
  for (const { trace } of records) {
    const path = trace === undefined ? undefined : reader.within(trace);
    if (path === undefined) continue;
    try {
      for await (const event of streamTrace(path))
        return event.type === "run.start" ? lastLine(event.task.text) : undefined;
    } catch {
      // A trace that is gone or damaged tells nothing; another repetition may.
    }
  }
  return undefined;
}

/** Tasks often end with what is asked, after a description. */
const lastLine = (text: string): string =>
  (text.trim().split("\n").at(-1) ?? "").slice(0, LONGEST_TASK);

import type { Suite, SuiteTask, TaskSplit } from "@harnessx/core/plugin";
import { aegisError } from "../errors.ts";
import { tasksOf } from "../rollout/index.ts";
import { groupBy } from "../statistics/group.ts";
import { createRandom } from "../statistics/index.ts";

/**
 * Tasks of one split: all, those that are named, or a number of them drawn so that every cluster
 * keeps its share. The draw depends on the seed alone.
 */
export async function chooseTasks(
  suite: Suite,
  split: TaskSplit,
  wanted: number | readonly string[] | undefined,
  seed: number,
): Promise<readonly SuiteTask[]> {
  const all = (await tasksOf(suite)).filter((task) => task.split === split);
  if (wanted === undefined) return all;
  if (typeof wanted !== "number") {
    const byId = new Map(all.map((task) => [task.id, task]));
    return wanted.map((id) => {
      const task = byId.get(id);
      if (!task) throw aegisError("HX_ROLLOUT_TASK_UNKNOWN", { suite: suite.name, task: id });
      return task;
    });
  }
  if (wanted >= all.length) return all;
  const random = createRandom(`${split} ${seed}`);
  const queues = [...groupBy(all, (task) => task.cluster)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, tasks]) => ({
      tasks: random.shuffle(tasks),
      share: tasks.length / all.length,
      taken: 0,
    }));
  const chosen: SuiteTask[] = [];
  while (chosen.length < wanted) {
    // The cluster that lacks most of its share comes next.
    const next = queues
      .filter(({ tasks, taken }) => taken < tasks.length)
      .toSorted(
        (a, b) =>
          b.share * (chosen.length + 1) - b.taken - (a.share * (chosen.length + 1) - a.taken),
      )[0]!;
    chosen.push(next.tasks[next.taken]!);
    next.taken += 1;
  }
  return chosen;
}

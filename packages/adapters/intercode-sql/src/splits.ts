import type { TaskSplit } from "@harnessx/core/plugin";
import type { SqlTask } from "./data.ts";

/** Shares of the tasks that the dealing aims at. */
const shares = { train: 0.5, validation: 0.3, sealed: 0.2 } as const;

/**
 * Gives every database a split, so that no database is in two.
 *
 * The largest first, each to the split that lacks most of its share; databases that `fixed` names
 * go where it says and count.
 */
export function dealSplits(
  tasks: readonly SqlTask[],
  fixed: Readonly<Record<string, TaskSplit>> = {},
): ReadonlyMap<string, TaskSplit> {
  const sizes = new Map<string, number>();
  for (const { db } of tasks) sizes.set(db, (sizes.get(db) ?? 0) + 1);
  const dealt = new Map<string, TaskSplit>();
  const filled: Record<TaskSplit, number> = { train: 0, validation: 0, sealed: 0, canary: 0 };
  const give = (db: string, split: TaskSplit): void => {
    dealt.set(db, split);
    filled[split] += sizes.get(db) ?? 0;
  };
  const isFixed = (db: string): boolean => Object.hasOwn(fixed, db);
  for (const db of sizes.keys()) if (isFixed(db)) give(db, fixed[db] ?? "train");
  const rest = [...sizes.keys()].filter((db) => !isFixed(db));
  rest.sort((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0) || (a < b ? -1 : 1));
  const lacking = (split: keyof typeof shares): number =>
    shares[split] * tasks.length - filled[split];
  for (const db of rest) {
    const [split] = (["train", "validation", "sealed"] as const).toSorted(
      (a, b) => lacking(b) - lacking(a),
    );
    give(db, split ?? "train");
  }
  return dealt;
}

import type { TaskSplit } from "@harnessx/core/plugin";
import type { Records } from "./data/records.ts";
import type { RetailTask } from "./data/task.ts";

/**
 * The customer whom a task is about: tasks of one customer often differ in a few words, so they
 * never fall into two splits. A customer whom the data do not know is named by the scenario.
 */
export function familyOf({ gold, scenario }: RetailTask, { orders, users }: Records): string {
  for (const { arguments: input } of gold) {
    const { order_id: order, user_id: user, email } = input;
    if (typeof user === "string" && users.has(user)) return user;
    const owner = typeof order === "string" ? orders.get(order)?.user_id : undefined;
    if (owner !== undefined) return owner;
    for (const one of users.values()) if (one.email === email) return one.user_id;
  }
  const known = scenario.known.toLowerCase();
  for (const { user_id: id, name, address, email } of users.values()) {
    const fullName = `${name.first_name} ${name.last_name}`.toLowerCase();
    if (known.includes(id) || known.includes(email.toLowerCase())) return id;
    if (known.includes(fullName) && known.includes(address.zip)) return id;
  }
  return scenario.known || scenario.reason;
}

/** Shares of the tasks that the dealing aims at. */
const shares = { train: 0.5, validation: 0.25, sealed: 0.25 } as const;
const splits = ["train", "validation", "sealed"] as const;

/** Gives every family a split: the largest first, each to the split that lacks most of its share. */
export function dealFamilies(families: readonly string[]): ReadonlyMap<string, TaskSplit> {
  const sizes = new Map<string, number>();
  for (const family of families) sizes.set(family, (sizes.get(family) ?? 0) + 1);
  const filled = { train: 0, validation: 0, sealed: 0 };
  const bySize = [...sizes].toSorted(([a, most], [b, more]) => more - most || (a < b ? -1 : 1));
  return new Map(
    bySize.map(([family, size]) => {
      const lacking = (split: keyof typeof shares): number =>
        shares[split] * families.length - filled[split];
      const split = splits.reduce((best, one) => (lacking(one) > lacking(best) ? one : best));
      filled[split] += size;
      return [family, split] as const;
    }),
  );
}

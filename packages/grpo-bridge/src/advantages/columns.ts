import { grpoError } from "../errors.ts";

/**
 * The rewards of many trajectories, one value each in every column. Ids are whole numbers from 0
 * without large gaps; `internIds` makes them from names.
 */
export interface RewardColumns {
  /** NaN and infinities are flagged, not counted. */
  readonly rewards: Float64Array;
  /** What makes rewards comparable: the same content of a task, task set, reward and tokenizer. */
  readonly tasks: Int32Array;
  /** Harness lineage and version. */
  readonly harnesses: Int32Array;
  /** Oldest model version that sampled in the trajectory. */
  readonly modelVersions?: Int32Array;
  /** 1 where no reward came at all. */
  readonly missing?: Uint8Array;
}

/** Ids of names, and the names by id. */
export interface InternedIds {
  readonly ids: Int32Array;
  readonly names: readonly string[];
}

/**
 * Numbers names in the order of their first appearance.
 *
 * @example
 * ```ts
 * import { internIds } from "@harnessx/grpo-bridge";
 * [...internIds(["b", "a", "b"]).ids]; // [0, 1, 0]
 * ```
 */
export function internIds(names: Iterable<string> & { readonly length: number }): InternedIds {
  const known = new Map<string, number>();
  const ids = new Int32Array(names.length);
  let at = 0;
  for (const name of names) {
    let id = known.get(name);
    if (id === undefined) {
      id = known.size;
      known.set(name, id);
    }
    ids[at] = id;
    at += 1;
  }
  return { ids, names: [...known.keys()] };
}

/** Throws HX_GRPO_COLUMNS_INVALID unless all columns have one length and ids are not negative. */
export function checkColumns(columns: RewardColumns): void {
  const { rewards, tasks, harnesses, modelVersions, missing } = columns;
  for (const [name, column] of Object.entries({ tasks, harnesses, modelVersions, missing }))
    if (column !== undefined && column.length !== rewards.length)
      throw grpoError("HX_GRPO_COLUMNS_INVALID", {
        problem: `there are ${rewards.length} rewards and ${column.length} ${name}`,
      });
  for (const [name, column] of Object.entries({ tasks, harnesses }))
    for (const id of column)
      if (id < 0)
        throw grpoError("HX_GRPO_COLUMNS_INVALID", { problem: `${name} has the id ${id}` });
}

/** Number of ids: one more than the largest. */
export function countIds(ids: Int32Array): number {
  let largest = -1;
  for (const id of ids) if (id > largest) largest = id;
  return largest + 1;
}

/** Numbers the pairs of two columns in the order of their first appearance. */
export function pairIds(left: Int32Array, right: Int32Array): Int32Array {
  const known = new Map<number, number>();
  const width = countIds(right);
  const ids = new Int32Array(left.length);
  for (let at = 0; at < ids.length; at += 1) {
    const key = left[at]! * width + right[at]!;
    let id = known.get(key);
    if (id === undefined) {
      id = known.size;
      known.set(key, id);
    }
    ids[at] = id;
  }
  return ids;
}

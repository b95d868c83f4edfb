import type { Json, JsonObject } from "@harnessx/core/plugin";

/** One gold action. */
export type GoldAction = { readonly name: string; readonly input: Json };

/** A gold call with what the policy has to know about it. */
export interface Step {
  readonly name: string;
  readonly input: JsonObject;
  /** It changes the database, so the customer has to agree. */
  readonly isWrite: boolean;
}

/** The gold actions of a task: calls, and what has to be said at the end. */
export interface Solution {
  readonly steps: readonly Step[];
  readonly say: string;
}

const write = /^(?:cancel|exchange|modify|return)_/;

/** Sorts gold actions into calls and words; `respond` is no tool. */
export function solutionOf(gold: readonly GoldAction[]): Solution {
  const calls = gold.filter(({ name }) => name !== "respond");
  const words = gold.filter(({ name }) => name === "respond");
  return {
    steps: calls.map(({ name, input }) => ({
      name,
      input: input as JsonObject,
      isWrite: write.test(name),
    })),
    say: words.map(({ input }) => String((input as JsonObject)["content"] ?? "")).join(", "),
  };
}

/** The order id without its sign; other arguments stay as they are. */
export function malformed(input: JsonObject): JsonObject {
  const { order_id: id } = input;
  return typeof id === "string" && id.startsWith("#") ? { ...input, order_id: id.slice(1) } : input;
}

/** The call in two: its first item, and the others. Undefined when it has only one. */
export function oneByOne(input: JsonObject): readonly [JsonObject, JsonObject] | undefined {
  const { item_ids: items, new_item_ids: newItems } = input;
  if (!Array.isArray(items) || items.length < 2) return undefined;
  const part = (from: number, to?: number): JsonObject => ({
    ...input,
    item_ids: items.slice(from, to) as Json,
    ...(Array.isArray(newItems) && { new_item_ids: newItems.slice(from, to) as Json }),
  });
  return [part(0, 1), part(1)];
}

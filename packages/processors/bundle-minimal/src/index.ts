import { defineBundle, type JsonObject } from "@harnessx/core/plugin";

/** For each part its options over the bundle's own, or false to leave it out. */
export type MinimalOptions = Readonly<Record<string, JsonObject | false>>;

const parts: readonly {
  readonly id: string;
  readonly use: string;
  readonly options?: JsonObject;
}[] = [
  { id: "context", use: "@harnessx/processor-environment-context" },
  { id: "compaction", use: "@harnessx/processor-compaction" },
  { id: "loops", use: "@harnessx/processor-loop-guard" },
];

/** A harness that can hold a long conversation: the budget is told, the history kept short, circles noticed. */
export default defineBundle<MinimalOptions>((changes) =>
  parts.flatMap(({ id, use, options }) => {
    const change = changes[id];
    return change === false ? [] : [{ id, use, options: { ...options, ...change } }];
  }),
);

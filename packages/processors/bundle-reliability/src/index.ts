import { defineBundle, type JsonObject } from "@harnessx/core/plugin";

/** For each part its options over the bundle's own, or false to leave it out. */
export type ReliabilityOptions = Readonly<Record<string, JsonObject | false>>;

const parts: readonly {
  readonly id: string;
  readonly use: string;
  readonly options?: JsonObject;
}[] = [
  { id: "repair", use: "@harnessx/processor-tool-call-repair" },
  { id: "parse", use: "@harnessx/processor-parse-retry" },
  { id: "todo", use: "@harnessx/processor-todo" },
  { id: "failures", use: "@harnessx/processor-tool-failure-guard" },
  { id: "retries", use: "@harnessx/processor-retry-policy" },
  { id: "loops", use: "@harnessx/processor-loop-guard" },
  { id: "edits", use: "@harnessx/processor-repeated-edit-guard" },
  { id: "verify", use: "@harnessx/processor-self-verify" },
];

/** Catches what models get wrong with tools: malformed calls, failures, circles, answers before the work is done. */
export default defineBundle<ReliabilityOptions>((changes) =>
  parts.flatMap(({ id, use, options }) => {
    const change = changes[id];
    return change === false ? [] : [{ id, use, options: { ...options, ...change } }];
  }),
);

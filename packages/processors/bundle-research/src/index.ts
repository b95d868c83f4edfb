import { defineBundle, type JsonObject } from "@harnessx/core/plugin";

/** For each part its options over the bundle's own, or false to leave it out. */
export type ResearchOptions = Readonly<Record<string, JsonObject | false>>;

const parts: readonly {
  readonly id: string;
  readonly use: string;
  readonly options?: JsonObject;
}[] = [
  { id: "environment", use: "@harnessx/processor-environment-context" },
  { id: "injection", use: "@harnessx/processor-prompt-injection-guard" },
  { id: "results", use: "@harnessx/processor-result-shaper" },
  { id: "cache", use: "@harnessx/processor-tool-cache" },
  { id: "loops", use: "@harnessx/processor-loop-guard" },
  { id: "notes", use: "@harnessx/processor-notes" },
  { id: "compaction", use: "@harnessx/processor-compaction" },
  { id: "commit", use: "@harnessx/processor-early-commit" },
  { id: "doubt", use: "@harnessx/processor-sycophancy-guard" },
];

/** An agent that reads much and answers once: marked and shortened results, no call twice, notes, an answer before the budget ends. */
export default defineBundle<ResearchOptions>((changes) =>
  parts.flatMap(({ id, use, options }) => {
    const change = changes[id];
    return change === false ? [] : [{ id, use, options: { ...options, ...change } }];
  }),
);

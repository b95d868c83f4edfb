import { defineBundle, type JsonObject } from "@harnessx/core/plugin";

/** For each part its options over the bundle's own, or false to leave it out. */
export type CodingOptions = Readonly<Record<string, JsonObject | false>>;

const parts: readonly {
  readonly id: string;
  readonly use: string;
  readonly options?: JsonObject;
}[] = [
  { id: "environment", use: "@harnessx/processor-environment-context", options: { tree: true } },
  { id: "skills", use: "@harnessx/processor-skill-loader" },
  { id: "repair", use: "@harnessx/processor-tool-call-repair" },
  { id: "parse", use: "@harnessx/processor-parse-retry" },
  { id: "todo", use: "@harnessx/processor-todo" },
  { id: "failures", use: "@harnessx/processor-tool-failure-guard" },
  { id: "loops", use: "@harnessx/processor-loop-guard" },
  { id: "edits", use: "@harnessx/processor-repeated-edit-guard" },
  { id: "installs", use: "@harnessx/processor-background-install-guard" },
  { id: "results", use: "@harnessx/processor-result-shaper" },
  { id: "verify", use: "@harnessx/processor-self-verify" },
  { id: "compaction", use: "@harnessx/processor-compaction", options: { maxTokens: 80000 } },
];

/** An agent that works on files: surroundings with the folder's tree, skills, repaired calls, guarded edits, results that fit, a check before the end. */
export default defineBundle<CodingOptions>((changes) =>
  parts.flatMap(({ id, use, options }) => {
    const change = changes[id];
    return change === false ? [] : [{ id, use, options: { ...options, ...change } }];
  }),
);

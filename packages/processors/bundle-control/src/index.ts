import { defineBundle, type JsonObject } from "@harnessx/core/plugin";

/** For each part its options over the bundle's own, or false to leave it out. */
export type ControlOptions = Readonly<Record<string, JsonObject | false>>;

const parts: readonly {
  readonly id: string;
  readonly use: string;
  readonly options?: JsonObject;
}[] = [
  { id: "policy", use: "@harnessx/processor-tool-policy" },
  { id: "installs", use: "@harnessx/processor-background-install-guard" },
  { id: "cost", use: "@harnessx/processor-cost-guard" },
  { id: "time", use: "@harnessx/processor-time-budget" },
  { id: "tokens", use: "@harnessx/processor-token-budget" },
  { id: "commit", use: "@harnessx/processor-early-commit" },
];

/** Keeps a run within its budget and asks before what is dangerous. */
export default defineBundle<ControlOptions>((changes) =>
  parts.flatMap(({ id, use, options }) => {
    const change = changes[id];
    return change === false ? [] : [{ id, use, options: { ...options, ...change } }];
  }),
);

import { defineBundle, type JsonObject } from "@harnessx/core/plugin";

/** For each part its options over the bundle's own, or false to leave it out. */
export type ContextOptions = Readonly<Record<string, JsonObject | false>>;

const parts: readonly {
  readonly id: string;
  readonly use: string;
  readonly options?: JsonObject;
}[] = [
  { id: "environment", use: "@harnessx/processor-environment-context" },
  { id: "reminder", use: "@harnessx/processor-task-reminder" },
  { id: "skills", use: "@harnessx/processor-skill-loader" },
  { id: "notes", use: "@harnessx/processor-notes" },
  { id: "compaction", use: "@harnessx/processor-compaction" },
];

/** What the model is told and keeps: surroundings, the task again, notes, skills, a history that fits. */
export default defineBundle<ContextOptions>((changes) =>
  parts.flatMap(({ id, use, options }) => {
    const change = changes[id];
    return change === false ? [] : [{ id, use, options: { ...options, ...change } }];
  }),
);

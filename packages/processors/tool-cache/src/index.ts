import {
  callKey,
  defineProcessor,
  intercept,
  type Tool,
  type ToolResult,
} from "@harnessx/core/plugin";
import { nameMatcher } from "./names.ts";
import type { ToolCacheOptions } from "./options.ts";
import { ResultStore, type Entry, type StoreState } from "./store.ts";

export type { ToolCacheOptions } from "./options.ts";

/** Answers a call from its earlier result while nothing has run that could have changed it. */
export default defineProcessor<ToolCacheOptions>((run, options) => {
  const state = run.cell<StoreState>("results", { entries: [], chars: 0 }).value;
  const store = new ResultStore(state, options.maxEntries, options.maxChars);
  const isReading = readingTools(options);
  const isExempt = nameMatcher(options.except);
  /** Keys of this step's calls by id; `undefined` where parts of one call differ. */
  const asked = new Map<string, string | undefined>();
  // Tools of one step run side by side: a reading one may or may not have seen what another wrote.
  let wrote = false;

  run.hooks.beforeTool.tap("answer", (event) => {
    const { call, tool, step } = event;
    if (!tool) return undefined;
    if (!isReading(tool)) {
      wrote = true;
      store.clear();
      return undefined;
    }
    if (wrote || isExempt(tool.name) || call.malformed !== undefined) return undefined;
    const key = callKey(call);
    const found = store.find(key);
    if (found && (options.maxAge === 0 || step - found.step <= options.maxAge)) {
      return intercept(answerOf(found, options.note));
    }
    asked.set(call.id, asked.has(call.id) && asked.get(call.id) !== key ? undefined : key);
    return undefined;
  });

  run.hooks.stepEnd.tap("keep", (event) => {
    // The results of `stepEnd` are the recorded ones: what other processors show of them comes again
    // when they are answered with.
    for (const { call, result } of event.calls) {
      const key = asked.get(call.id);
      if (key !== undefined && !wrote) store.keep(key, event.step, result);
    }
    asked.clear();
    wrote = false;
  });
});

function readingTools(options: ToolCacheOptions): (tool: Tool) => boolean {
  const isNamed = nameMatcher(options.tools);
  const tags = new Set(options.tags);
  return (tool) => isNamed(tool.name) || (tool.tags ?? []).some((tag) => tags.has(tag));
}

function answerOf({ content, structured, step }: Entry, note: string): ToolResult {
  const kept = structured === undefined ? {} : { structured };
  if (note === "") return { status: "ok", content, ...kept };
  const line = note.replaceAll("{step}", String(step));
  const noted =
    typeof content === "string"
      ? `${line}\n${content}`
      : [{ type: "text" as const, text: line }, ...content];
  return { status: "ok", content: noted, ...kept };
}

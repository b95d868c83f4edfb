import {
  defineProcessor,
  intercept,
  replace,
  workspaceSlot,
  type AfterToolEvent,
} from "@harnessx/core/plugin";
import { createEditReader } from "./edited-paths.ts";
import { countEdit, editsOf, lift, noEdits } from "./edits.ts";
import type { RepeatedEditGuardOptions } from "./options.ts";

export type { RepeatedEditGuardOptions, RepeatedEditWording } from "./options.ts";

/** Notices a file that is edited again and again: advises first, then refuses edits until something else was done. */
export default defineProcessor<RepeatedEditGuardOptions>((run, options) => {
  const { adviseAt, blockAt, wording } = options;
  const reader = createEditReader(options);
  const files = run.cell("files", noEdits()).value;
  // Another processor may provide the workspace behind this one.
  const root = (): string | undefined => run.slots.get(workspaceSlot)?.root;
  /** After a block the agent is warned at once, and has the room between advice and block again. */
  const afterBlock = Math.max(0, Math.min(adviseAt, blockAt) - 1);

  run.hooks.beforeTool.tap("block", (event) => {
    for (const path of reader.pathsOf(event.call, root())) {
      const file = editsOf(files, path);
      if (!file || file.blockedAt === 0) continue;
      return intercept({ status: "refused", content: fill(wording.refusal, file) });
    }
    return undefined;
  });

  run.hooks.afterTool.tap("count", (event) => {
    const { call, result, step } = event;
    if (result.status !== "ok") return undefined;
    if (reader.isRelief(call)) {
      lift(files, step, afterBlock);
      return undefined;
    }
    const edited = reader
      .pathsOf(call, root())
      .map((path) => countEdit(files, path, { step, blockAt }));
    const often = edited.filter(({ count }) => adviseAt > 0 && count >= adviseAt);
    if (often.length === 0) return undefined;
    const advice = often.slice(0, maxNamed).map((file) => fill(wording.advice, file));
    return replace(withAdvice(event, advice.join("\n")));
  });
});

const maxNamed = 3;

/** The advice stands with the edit that it is about, and stays there. */
function withAdvice(event: AfterToolEvent, advice: string): AfterToolEvent {
  const { content } = event.result;
  if (typeof content === "string") {
    return event.withContent(content === "" ? advice : `${content}\n${advice}`);
  }
  return event.withContent([...content, { type: "text", text: advice }]);
}

function fill(
  template: string,
  { path, count }: { readonly path: string; readonly count: number },
): string {
  const values: Readonly<Record<string, string>> = { path, count: String(count) };
  return template.replace(/\{(path|count)\}/g, (_whole, name: string) => values[name]!);
}

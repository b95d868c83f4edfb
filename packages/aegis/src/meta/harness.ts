import { defineHarness, inline } from "@harnessx/core";
import type { LoadedHarness } from "@harnessx/core";
import { abort, defineProcessor, intercept, replace } from "@harnessx/core/plugin";

/** What surrounds a model that works on a stage. */
export interface MetaHarnessOptions {
  readonly stage: string;
  readonly instructions: string;
  /** What a text must not hold; rule names, never what was found. */
  readonly leaks: (text: string) => readonly string[];
  readonly maxSteps: number;
  readonly maxTokens: number;
  /** Times that work may be handed in: the first, and one repair for each further. */
  readonly submissions: number;
}

/** Longer files are no work of a stage. */
const MAX_CHARS = 128 * 1024;

const refused = (content: string) =>
  intercept({
    status: "refused" as const,
    content,
    error: { code: "META_REFUSED", message: content },
  });

/**
 * The harness in which a model works on a stage, an ordinary one on the same runtime: instructions,
 * a scope outside of which nothing is written, a leak check on everything that is, and a budget that
 * the model sees.
 */
export function metaHarness(options: MetaHarnessOptions): Promise<LoadedHarness> {
  const { stage, instructions, leaks, maxSteps, maxTokens, submissions } = options;
  const prompt = inline(
    { name: "instructions", dimension: "context", hooks: ["taskStart"] },
    defineProcessor((run) => {
      run.hooks.taskStart.tap("instruct", (event) => replace(event.appendSystem(instructions)));
    }),
  );
  const scope = inline(
    { name: "write-scope", dimension: "control", hooks: ["beforeTool"] },
    defineProcessor((run) => {
      run.hooks.beforeTool.tap("confine", ({ call }) => {
        if (call.name !== "write_file") return undefined;
        const { path = "", text = "" } = call.input as { path?: string; text?: string };
        if (!/^out\/[A-Za-z0-9][A-Za-z0-9./-]*$/.test(path) || path.includes(".."))
          return refused("Only files below out/ with plain names can be written.");
        if (text.length > MAX_CHARS) return refused(`A file has at most ${MAX_CHARS} characters.`);
        return undefined;
      });
    }),
  );
  const leak = inline(
    { name: "leak", dimension: "control", hooks: ["beforeTool"] },
    defineProcessor((run) => {
      run.hooks.beforeTool.tap("scan", ({ call }) => {
        if (call.name !== "write_file") return undefined;
        const { text = "" } = call.input as { text?: string };
        const found = leaks(text);
        return found.length === 0
          ? undefined
          : refused(`This text holds what must not be known: ${found.join(", ")}.`);
      });
    }),
  );
  const budget = inline(
    { name: "budget", dimension: "control", hooks: ["beforeModel", "beforeTool"] },
    defineProcessor((run) => {
      let handedIn = 0;
      run.hooks.beforeModel.tap("say", (event) =>
        replace(
          event.appendUser(
            `Steps left, this one included: ${run.budget.steps}. Hand in with submit before they end.`,
          ),
        ),
      );
      run.hooks.beforeTool.tap("count", ({ call }) => {
        if (call.name !== "submit") return undefined;
        handedIn += 1;
        return handedIn > submissions
          ? abort(`it was handed in ${submissions} times and never well-formed`)
          : undefined;
      });
    }),
  );
  return defineHarness({
    name: `aegis-${stage}`,
    inline: [prompt, scope, leak, budget],
    limits: { maxSteps, maxTokens },
  });
}

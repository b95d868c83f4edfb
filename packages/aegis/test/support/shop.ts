import { fileURLToPath } from "node:url";
import {
  defineHarness,
  inline,
  loadPlugin,
  resolveOptions,
  type LoadedHarness,
} from "@harnessx/core";
import {
  defineProcessor,
  replace,
  textOf,
  type ModelClient,
  type ModelDefinition,
  type Suite,
  type SuiteDefinition,
  type SuiteTask,
  type TaskSplit,
} from "@harnessx/core/plugin";
import { createRolloutPool, type RolloutRecord } from "../../src/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Enough for nine pages, a dozen items and a purchase. */
export const limits = { maxSteps: 40 };

/** The shop and the rule policy that pages on and on, as a user of the packages gets them. */
export async function openShop(): Promise<{ readonly suite: Suite; readonly main: ModelClient }> {
  const suite = await loadPlugin("@harnessx/adapter-shop", root);
  const model = await loadPlugin("@harnessx/adapter-shop-policy", root);
  return {
    suite: await (suite.definition as SuiteDefinition).create(resolveOptions(suite, "suite"), {
      root,
    }),
    main: await (model.definition as ModelDefinition).create(resolveOptions(model, "model")),
  };
}

export const bare = (): Promise<LoadedHarness> => defineHarness({ name: "bare", limits });

export const tasksOf = async (suite: Suite, split: TaskSplit): Promise<SuiteTask[]> =>
  (await suite.tasks()).filter((task) => task.split === split);

/** Plays tasks, each as often as there are repetitions, with traces where a folder is given. */
export async function play(
  { suite, main }: { readonly suite: Suite; readonly main: ModelClient },
  harness: LoadedHarness,
  tasks: readonly SuiteTask[],
  { seed = 1, repetitions = 1, traceDir = undefined as string | undefined } = {},
): Promise<readonly RolloutRecord[]> {
  const specs = Array.from({ length: repetitions }, (_, repetition) =>
    tasks.map((task) => ({
      suite,
      task,
      harness,
      models: { main },
      seed,
      repetition,
      ...(traceDir === undefined ? {} : { traceDir }),
    })),
  );
  return createRolloutPool().run(specs.flat());
}

export const passRate = (records: readonly RolloutRecord[]): number =>
  records.filter(({ passed }) => passed).length / records.length;

/** A harness whose only processor says something to an agent that has turned six pages in a row. */
export function advised(
  say: (moves: number, lines: readonly string[]) => string,
): Promise<LoadedHarness> {
  const advisor = defineProcessor((run) => {
    const seen = new Map<string, string>();
    const opened = new Set<string>();
    let moves = 0;
    let most = 0;
    run.hooks.afterTool.tap("watch", ({ call, result }) => {
      moves = call.name.endsWith("_page") || call.name === "search" ? moves + 1 : 0;
      most = Math.max(most, moves);
      if (call.name === "open_item") opened.add((call.input as { item: string }).item);
      else
        for (const [line, id] of textOf(result.content).matchAll(/^\[(\w{6})\] .*\$.*$/gm))
          seen.set(id!, line);
    });
    run.hooks.beforeModel.tap("say", (event) => {
      if (most < 6) return undefined;
      const left = [...seen].filter(([id]) => !opened.has(id)).map(([, line]) => line);
      return replace(event.appendUser(say(most, left.slice(0, 20))));
    });
  });
  return defineHarness({
    name: "advised",
    limits,
    inline: [
      inline(
        { name: "advisor", dimension: "control", hooks: ["afterTool", "beforeModel"] },
        advisor,
      ),
    ],
  });
}

import { messageOf, validatorFor } from "@harnessx/core";
import type { Suite, SuiteTask } from "@harnessx/core/plugin";
import { aegisError } from "../errors.ts";
import { listOf } from "../schema.ts";

const word = { type: "string", minLength: 1 } as const;
const tasksSchema = listOf({
  type: "object",
  required: ["id", "text", "family", "cluster", "split"],
  properties: {
    id: word,
    text: { type: "string" },
    family: word,
    cluster: word,
    split: { enum: ["train", "validation", "sealed", "canary"] },
  },
});

/** The tasks of a suite. Throws HX_ROLLOUT_SUITE_FAILED when it throws, and when what it gives are no tasks. */
export async function tasksOf(suite: Suite): Promise<readonly SuiteTask[]> {
  const fail = (problem: string, cause?: unknown) =>
    aegisError("HX_ROLLOUT_SUITE_FAILED", { suite: suite.name, problem }, cause);
  let tasks: readonly SuiteTask[];
  try {
    tasks = await suite.tasks();
  } catch (thrown) {
    throw fail(messageOf(thrown), thrown);
  }
  const problem = validatorFor(tasksSchema)(tasks);
  if (problem !== undefined) throw fail(problem);
  const ids = new Set(tasks.map((task) => task.id));
  if (ids.size < tasks.length) throw fail("two tasks have one id");
  return tasks;
}

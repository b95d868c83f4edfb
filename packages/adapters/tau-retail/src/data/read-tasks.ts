import type { JsonObject } from "@harnessx/core/plugin";
import { list, object, Problem, text, texts } from "./check.ts";
import type { GoldCall, RetailTask } from "./task.ts";

/** The tasks of a file in upstream's form; throws a Problem. */
export function readTasks(value: unknown): readonly RetailTask[] {
  const tasks = list(value, "the file").map(readTask);
  const ids = tasks.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new Problem(`the task ${twice} occurs twice`);
  if (tasks.length === 0) throw new Problem("there is no task");
  return tasks;
}

function readTask(value: unknown): RetailTask {
  const task = object(value, "a task");
  const id = text(task["id"], "id of a task");
  if (task["initial_state"] !== null && task["initial_state"] !== undefined)
    throw new Problem(`task ${id} changes the database before it starts, which is not supported`);
  const criteria = object(task["evaluation_criteria"], `evaluation_criteria of ${id}`);
  const scenario = object(task["user_scenario"], `user_scenario of ${id}`);
  const said = object(scenario["instructions"], `instructions of ${id}`);
  const part = (name: string): string =>
    // A lone full stop stands for nothing upstream.
    text(said[name] ?? "", `${name} of ${id}`).replace(/^[\s.]+$/, "");
  const reason = part("reason_for_call");
  if (reason === "") throw new Problem(`task ${id} has no reason_for_call`);
  return {
    id,
    scenario: {
      reason,
      known: part("known_info"),
      unknown: part("unknown_info"),
      manner: part("task_instructions"),
    },
    gold: list(criteria["actions"] ?? [], `actions of ${id}`).map((action) => readCall(action, id)),
    outputs: texts(criteria["communicate_info"] ?? [], `communicate_info of ${id}`),
  };
}

function readCall(value: unknown, task: string): GoldCall {
  const call = object(value, `an action of ${task}`);
  return {
    name: text(call["name"], `name of an action of ${task}`),
    arguments: object(call["arguments"], `arguments of an action of ${task}`) as JsonObject,
  };
}

import type { Json, JsonObject, Task } from "@harnessx/core/plugin";

/** What a template may name besides its variables and the task. */
export interface Surroundings {
  /** Today in UTC. */
  readonly date: string;
  /** The working folder, where there is one. */
  readonly workspace: string | undefined;
  /** Names of the tools. */
  readonly tools: string;
}

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Replaces every `{{name}}`; throws when a name has no value, so that a typo never reaches a model. */
export function fillTemplate(
  template: string,
  variables: Readonly<Record<string, string | number | boolean>>,
  task: Task,
  surroundings?: Surroundings,
): string {
  return template.replace(placeholder, (_whole, name: string) => {
    const value = Object.hasOwn(variables, name)
      ? variables[name]
      : (surroundingsField(surroundings, name) ?? taskField(task, name));
    if (value === undefined) throw new Error(`the template's {{${name}}} has no value`);
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

function surroundingsField(
  surroundings: Surroundings | undefined,
  name: string,
): string | undefined {
  if (name === "date" || name === "workspace" || name === "tools") return surroundings?.[name];
  return undefined;
}

function taskField(task: Task, name: string): Json | undefined {
  if (name === "task.id") return task.id;
  if (name === "task.text") return task.text;
  const [root, field, ...path] = name.split(".");
  if (root !== "task" || field !== "metadata") return undefined;
  let value: Json | undefined = task.metadata;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as JsonObject)[key];
  }
  return value;
}

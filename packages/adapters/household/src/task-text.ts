import type { TaskType } from "./game.ts";

/** What a task asks for, in the words that names use. */
export interface TaskSpec {
  readonly type: TaskType;
  /** Type of the object. */
  readonly object: string;
  /** Type of the receptacle where it belongs; for `look_at_obj_in_light` the type of the lamp. */
  readonly target: string;
}

/** The words that open every task. */
export const taskPrefix = "Your task is to: ";

/** Upstream's two wordings of each task: X is the object, Y the target. */
const wordings: Readonly<Record<TaskType, readonly [string, string]>> = {
  pick_and_place_simple: ["put some X on Y.", "put a X in Y."],
  look_at_obj_in_light: ["look at X under the Y.", "examine the X with the Y."],
  pick_clean_then_place_in_recep: ["put a clean X in Y.", "clean some X and put it in Y."],
  pick_heat_then_place_in_recep: ["put a hot X in Y.", "heat some X and put it in Y."],
  pick_cool_then_place_in_recep: ["put a cool X in Y.", "cool some X and put it in Y."],
  pick_two_obj_and_place: ["put two X in Y.", "find two X and put them in Y."],
};

const patterns = (Object.entries(wordings) as [TaskType, readonly string[]][]).flatMap(
  ([type, texts]) =>
    texts.map((text) => ({
      type,
      pattern: new RegExp(
        `^${text
          .replace(".", "\\.")
          .replace("X", "(?<object>\\w+)")
          .replace("Y", "(?<target>\\w+)")}$`,
      ),
    })),
);

/**
 * Reads the sentence "Your task is to: …", alone or at the end of a longer text.
 *
 * Undefined for any other wording.
 *
 * @example
 * ```ts
 * import { parseTask } from "@harnessx/adapter-household";
 * parseTask("Your task is to: put two cd in safe.")?.target; // "safe"
 * ```
 */
export function parseTask(text: string): TaskSpec | undefined {
  const start = text.lastIndexOf(taskPrefix);
  const sentence = (start < 0 ? text : text.slice(start + taskPrefix.length)).trim();
  for (const { type, pattern } of patterns) {
    const groups = pattern.exec(sentence)?.groups;
    if (groups !== undefined) {
      return { type, object: groups["object"] as string, target: groups["target"] as string };
    }
  }
  return undefined;
}

/** The sentence for a task, in one of upstream's two wordings. */
export function taskText(spec: TaskSpec, wording: 0 | 1): string {
  const text = wordings[spec.type][wording];
  return taskPrefix + text.replace("X", spec.object).replace("Y", spec.target);
}

/** What must be done to the object before it is put away. */
export const treatmentOf: Readonly<
  Partial<
    Record<TaskType, { readonly verb: "clean" | "heat" | "cool"; readonly at: readonly string[] }>
  >
> = {
  pick_clean_then_place_in_recep: { verb: "clean", at: ["sinkbasin", "sink"] },
  pick_heat_then_place_in_recep: { verb: "heat", at: ["microwave"] },
  pick_cool_then_place_in_recep: { verb: "cool", at: ["fridge"] },
};

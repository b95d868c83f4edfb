/** The six kinds of household task, by their upstream names. */
export const taskTypes = [
  "pick_and_place_simple",
  "look_at_obj_in_light",
  "pick_clean_then_place_in_recep",
  "pick_heat_then_place_in_recep",
  "pick_cool_then_place_in_recep",
  "pick_two_obj_and_place",
] as const;

/** One of the six kinds of household task. */
export type TaskType = (typeof taskTypes)[number];

/** Unary facts that a game may state about an object. */
export const objectFlags = [
  "pickupable",
  "cleanable",
  "heatable",
  "coolable",
  "sliceable",
  "toggleable",
  "isreceptacleobject",
  "iscool",
] as const;

/** A unary fact about an object. */
export type ObjectFlag = (typeof objectFlags)[number];

/** A place that holds objects: furniture, an appliance, a hook on the wall. */
export interface GameReceptacle {
  /** The name that texts show: a word, mostly its type, and a number, such as "drawer 3". */
  readonly name: string;
  readonly type: string;
  /** Index of the location from which it is reached; several receptacles may share one. */
  readonly loc: number;
  readonly flags?: readonly "openable"[];
}

/** A thing; only those in a receptacle ever appear in a text. */
export interface GameObject {
  /** The name that texts show: a word, mostly its type, and a number, such as "mug 2". */
  readonly name: string;
  readonly type: string;
  /** Where it is; absent or null when nothing states a place. */
  readonly loc?: number | null;
  /** Names of the receptacles that hold it; more than one where they overlap. */
  readonly in?: readonly string[];
  /** Names of the objects that hold it. */
  readonly inObject?: readonly string[];
  readonly flags?: readonly ObjectFlag[];
}

/** One game: a room, its things, a task and a goal. The JSON form of one line of a game file. */
export interface Game {
  readonly id: string;
  /** The split's name in the file that the game comes from; not the split of the suite. */
  readonly split: string;
  readonly taskType: TaskType;
  /** Number of the room. */
  readonly scene: number;
  /** The sentence that ends the first text: "Your task is to: …". */
  readonly task: string;
  /** The location where the agent starts. */
  readonly agentLoc: number;
  readonly receptacles: readonly GameReceptacle[];
  readonly objects: readonly GameObject[];
  /** Types of objects that a type of receptacle takes. */
  readonly canContain: Readonly<Record<string, readonly string[]>>;
  /** The goal as a PDDL s-expression. */
  readonly goal: string;
  /** Commands that reach the goal. */
  readonly walkthrough: readonly string[];
  /** Where the game was made; its last folder but one names the family. */
  readonly gamefile: string;
}

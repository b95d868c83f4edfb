import type { Game, GameObject } from "./game.ts";
import { parseTask } from "./task-text.ts";
import type { TaskSpec } from "./task-text.ts";

/*
 * A second, deliberately plain reading of the rules. It shares no code with the world but the
 * reading of the task's sentence: sets of facts instead of arrays, and a goal written down for each
 * task type instead of the game's expression. A fault in either then shows as a disagreement.
 */

interface Item {
  readonly source: GameObject;
  readonly inside: Set<string>;
  readonly at: Set<number>;
  readonly is: Set<"clean" | "hot" | "cool" | "sliced" | "used">;
}

const forms = [
  "look",
  "inventory",
  "help",
  "go to X",
  "open X",
  "close X",
  "take X from Y",
  "move X to Y",
  "clean X with Y",
  "heat X with Y",
  "cool X with Y",
  "use X",
  "slice X with Y",
  "examine X",
] as const;

type Form = (typeof forms)[number];

const patterns = forms.map((form) => ({
  form,
  pattern: new RegExp(`^${form.replace("X", "(\\w+ \\d+)").replace("Y", "(\\w+ \\d+)")}$`),
}));

/** An episode as the referee sees it. */
export interface Referee {
  /** Plays one command; false when it is not applicable. */
  play(command: string): boolean;
  /** Whether the task is done now; undefined when its sentence has an unknown wording. */
  verdict(): boolean | undefined;
}

/** Starts a second judgement of a game. */
export function createReferee(game: Game): Referee {
  const receptacles = new Map(game.receptacles.map((receptacle) => [receptacle.name, receptacle]));
  const items = new Map<string, Item>(
    game.objects.map((source) => [
      source.name,
      {
        source,
        inside: new Set(source.in),
        at: new Set(source.loc == null ? [] : [source.loc]),
        is: new Set(source.flags?.includes("iscool") ? ["cool"] : []),
      },
    ]),
  );
  const opened = new Set<string>();
  let place = game.agentLoc;
  let held: Item | undefined;

  const may = (item: Item, flag: NonNullable<GameObject["flags"]>[number]): boolean =>
    item.source.flags?.includes(flag) === true;
  const isHere = (name: string): boolean => receptacles.get(name)?.loc === place;
  const isShut = (name: string): boolean =>
    receptacles.get(name)?.flags?.includes("openable") === true && !opened.has(name);
  const takes = (name: string, item: Item): boolean => {
    const type = receptacles.get(name)?.type ?? "";
    return (
      Object.hasOwn(game.canContain, type) &&
      game.canContain[type]?.includes(item.source.type) === true
    );
  };

  /** The object is in the hands, at the appliance that the treatment needs. */
  const canTreat = (
    object: string,
    where: string,
    flag: Parameters<typeof may>[1],
    types: string[],
  ): boolean => {
    const item = items.get(object);
    const type = receptacles.get(where)?.type;
    return (
      item !== undefined &&
      item === held &&
      may(item, flag) &&
      isHere(where) &&
      type !== undefined &&
      types.includes(type)
    );
  };

  const rules: Readonly<Record<Form, (first: string, second: string) => boolean>> = {
    look: () => true,
    inventory: () => true,
    help: () => true,
    "go to X": (to) => {
      const receptacle = receptacles.get(to);
      if (receptacle === undefined || receptacle.loc === place) return false;
      place = receptacle.loc;
      return true;
    },
    "open X": (name) => {
      if (!isHere(name) || !isShut(name)) return false;
      opened.add(name);
      return true;
    },
    "close X": (name) => isHere(name) && opened.delete(name),
    "take X from Y": (object, from) => {
      const item = items.get(object);
      if (item === undefined || held !== undefined || !may(item, "pickupable")) return false;
      if (!isHere(from) || isShut(from) || !item.inside.delete(from)) return false;
      item.at.delete(place);
      held = item;
      return true;
    },
    "move X to Y": (object, to) => {
      const item = items.get(object);
      if (item === undefined || item !== held || !isHere(to)) return false;
      if (isShut(to) || !takes(to, item)) return false;
      item.inside.add(to);
      item.at.add(place);
      held = undefined;
      return true;
    },
    "clean X with Y": (object, where) => {
      if (!canTreat(object, where, "cleanable", ["sinkbasin", "sink"])) return false;
      held?.is.add("clean");
      return true;
    },
    "heat X with Y": (object, where) => {
      if (!canTreat(object, where, "heatable", ["microwave"])) return false;
      held?.is.add("hot");
      held?.is.delete("cool");
      return true;
    },
    "cool X with Y": (object, where) => {
      if (!canTreat(object, where, "coolable", ["fridge"])) return false;
      held?.is.add("cool");
      held?.is.delete("hot");
      return true;
    },
    "use X": (object) => {
      const item = items.get(object);
      if (item === undefined || !may(item, "toggleable")) return false;
      if (![...item.inside].some(isHere)) return false;
      item.is.add("used");
      return true;
    },
    "slice X with Y": (object, tool) => {
      const [item, knife] = [items.get(object), items.get(tool)];
      if (item === undefined || knife === undefined || knife !== held) return false;
      if (!["knife", "butterknife"].includes(knife.source.type)) return false;
      if (!may(item, "sliceable") || !item.at.has(place)) return false;
      item.is.add("sliced");
      return true;
    },
    "examine X": (name) => {
      const item = items.get(name);
      if (item === undefined) return isHere(name);
      return item === held || [...item.inside].some((where) => isHere(where) && !isShut(where));
    },
  };
  return {
    play(command) {
      const text = command.trim().replace(/^put (.*) in\/on /, "move $1 to ");
      for (const { form, pattern } of patterns) {
        const match = pattern.exec(text);
        if (match !== null) return rules[form](match[1] ?? "", match[2] ?? "");
      }
      return false;
    },
    verdict() {
      const task = parseTask(game.task);
      if (task === undefined) return undefined;
      const wanted = [...items.values()].filter(({ source }) => source.type === task.object);
      const lit = [...items.values()].some(
        (item) =>
          item.source.type === task.target &&
          may(item, "toggleable") &&
          item.is.has("used") &&
          [...item.inside].some(isHere),
      );
      return isDone(task, wanted, held, lit, (name) => receptacles.get(name)?.type === task.target);
    },
  };
}

function isDone(
  task: TaskSpec,
  wanted: readonly Item[],
  held: Item | undefined,
  lit: boolean,
  isTarget: (receptacle: string) => boolean,
): boolean {
  const targets = wanted.map((item) => ({ item, places: [...item.inside].filter(isTarget) }));
  const placed = (is: "clean" | "hot" | "cool", able: NonNullable<GameObject["flags"]>[number]) =>
    targets.some(
      ({ item, places }) =>
        places.length > 0 && item.is.has(is) && item.source.flags?.includes(able) === true,
    );
  switch (task.type) {
    case "pick_and_place_simple":
      return targets.some(({ places }) => places.length > 0);
    case "look_at_obj_in_light":
      return lit && held !== undefined && wanted.includes(held);
    case "pick_clean_then_place_in_recep":
      return placed("clean", "cleanable");
    case "pick_heat_then_place_in_recep":
      return placed("hot", "heatable");
    case "pick_cool_then_place_in_recep":
      return placed("cool", "coolable");
    case "pick_two_obj_and_place": {
      const places = targets.flatMap((target) => target.places);
      return places.some((name, position) => places.indexOf(name) !== position);
    }
  }
}

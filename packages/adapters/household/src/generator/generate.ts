import { taskTypes } from "../game.ts";
import type { Game, GameObject, GameReceptacle, TaskType } from "../game.ts";
import { numberOf } from "../names.ts";
import { plan } from "../planner.ts";
import { taskText } from "../task-text.ts";
import { allFamilies, familyName } from "./families.ts";
import type { Family } from "./families.ts";
import { goalText } from "./goal-text.ts";
import { createRandom } from "./random.ts";
import type { Random } from "./random.ts";
import { furnish, inhabit } from "./room.ts";

/** What to generate. */
export interface GenerateOptions {
  /** Any number; the same seed gives the same games. */
  readonly seed: number;
  readonly count: number;
  /** Task types to take turns with; all six by default. */
  readonly types?: readonly TaskType[];
  /** Families to draw from; all by default. */
  readonly families?: readonly Family[];
  /** The name that the games carry as their `split`; "generated" by default. */
  readonly split?: string;
}

/** How often one game is drawn anew before its family counts as impossible. */
const attempts = 50;
/** A room with fewer receptacles leaves nothing to search. */
const fewest = 9;
/** Share of the rooms with all objects of the task behind doors that is drawn anew: upstream has few. */
const hiddenRefused = 0.6;

/**
 * Makes games of our own that read like upstream's.
 *
 * Every game can be solved (its `walkthrough` has been played), none starts solved, task types take
 * turns, and the same options give the same games. Throws a RangeError when `families` holds none
 * of a wanted type.
 *
 * @example
 * ```ts
 * import { generateGames } from "@harnessx/adapter-household";
 * const games = generateGames({ seed: 7, count: 60, types: ["pick_two_obj_and_place"] });
 * games.length; // 60
 * ```
 */
export function generateGames(options: GenerateOptions): Game[] {
  const { seed, count, types = taskTypes, families = allFamilies(), split = "generated" } = options;
  const pools = new Map(
    types.map((type) => [type, families.filter((family) => family.type === type)]),
  );
  return Array.from({ length: count }, (_, index) => {
    const type = types[index % types.length] as TaskType;
    const pool = pools.get(type) ?? [];
    if (pool.length === 0) throw new RangeError(`no family of type ${type}`);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const random = createRandom(seed, split, index, attempt);
      const game = draw(random, random.pick(pool), split);
      if (game !== undefined) return game;
    }
    throw new Error(`no solvable game of type ${type} in ${attempts} attempts`);
  });
}

/** One try; undefined when the room cannot host the task. */
function draw(random: Random, family: Family, split: string): Game | undefined {
  const empty = furnish(random, family);
  if (empty.length < fewest) return undefined;
  const { receptacles, objects, canContain, agentLoc } = inhabit(random, family, empty);
  const own = objects.filter(({ type }) => type === family.object);
  const named = [...receptacles, ...objects].some(({ type }) => type === family.target);
  if (own.length === 0 || !named) return undefined;
  if (isHidden(own, receptacles) && random.chance(hiddenRefused)) return undefined;
  const scene = random.int(1, 30) + sceneBase[family.room];
  // Filled in below: the object that is planned for is the one that is played, and compiled, later.
  const walkthrough: string[] = [];
  const trial = `trial_${hex(random)}${hex(random)}`;
  const folder = familyName(family);
  const game: Game = {
    id: `${split}/${folder}/${trial}`,
    split,
    taskType: family.type,
    scene,
    task: taskText(family, random.chance(0.5) ? 0 : 1),
    agentLoc,
    receptacles: byName(receptacles),
    objects: byName(objects),
    canContain,
    goal: goalText(family),
    walkthrough,
    gamefile: `generated/${split}/${folder}/${trial}/game.json`,
  };
  const commands = plan(game);
  // An empty plan means that the goal holds at the start.
  if (commands === undefined || commands.length === 0) return undefined;
  walkthrough.push(...commands);
  return game;
}

/** True when every one of the objects lies behind a door. */
function isHidden(objects: readonly GameObject[], receptacles: readonly GameReceptacle[]): boolean {
  const doors = new Set(
    receptacles.filter(({ flags }) => flags !== undefined).map(({ name }) => name),
  );
  return objects.every((object) => object.in?.every((name) => doors.has(name)));
}

const sceneBase = { kitchen: 0, livingroom: 200, bedroom: 300, bathroom: 400 } as const;

const hex = (random: Random): string => random.int(0, 0xffff_ffff).toString(16).padStart(8, "0");

function byName<Item extends GameReceptacle | GameObject>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) =>
    a.type === b.type ? numberOf(a.name) - numberOf(b.name) : a.type < b.type ? -1 : 1,
  );
}

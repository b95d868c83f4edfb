import type { Facts, Sizes } from "./facts.ts";
import { objectFlags } from "./game.ts";
import type { Game, ObjectFlag } from "./game.ts";
import type { Goal } from "./goal.ts";

/** What a receptacle can do to an object, as bits. */
export const station = { cleans: 1, heats: 2, cools: 4 } as const;

/** Static facts about an object, as bits. */
export const flagBit = Object.fromEntries(
  objectFlags.map((flag, index) => [flag, 1 << index]),
) as Readonly<Record<ObjectFlag, number>>;

/** What stands for one receptacle or object while a game is played. */
export interface Entity {
  readonly name: string;
  readonly type: string;
}

/**
 * A game in the form in which it is played: names are resolved to indices once, and receptacles
 * and objects stand in the order in which texts list them.
 */
export interface CompiledGame {
  readonly game: Game;
  readonly sizes: Sizes;
  readonly receptacles: readonly Entity[];
  readonly objects: readonly Entity[];
  readonly receptacleIndex: ReadonlyMap<string, number>;
  readonly objectIndex: ReadonlyMap<string, number>;
  /** By receptacle. */
  readonly location: Int32Array;
  readonly openable: Uint8Array;
  /** Bits of `station`, by receptacle. */
  readonly stations: Uint8Array;
  /** Bits of `flagBit`, by object. */
  readonly flags: Uint16Array;
  /** By object: it cuts. */
  readonly blade: Uint8Array;
  /** `receptacle * objects + object`. */
  readonly canContain: Uint8Array;
  /** Receptacles by location. */
  readonly receptaclesAt: readonly (readonly number[])[];
  /** Objects that an object holds. */
  readonly contents: readonly (readonly number[])[];
  readonly initial: Facts;
  readonly goal: Goal;
  readonly holds: (facts: Facts) => boolean;
}

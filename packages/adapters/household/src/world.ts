import { act } from "./actions.ts";
import { compile } from "./compile.ts";
import type { Facts } from "./facts.ts";
import type { Game } from "./game.ts";
import type { CompiledGame } from "./model.ts";
import { introText, nothingHappens } from "./replies.ts";

/** What came of one command. */
export interface StepResult {
  /** The reply that the agent reads. */
  readonly observation: string;
  /** True when the goal holds after the command. */
  readonly done: boolean;
  /** False when the command was not applicable: nothing has changed. */
  readonly applied: boolean;
}

/** All that can change in a world, as a value: compare it, keep it, restore it. */
export interface WorldState {
  readonly at: number;
  readonly holding: number;
  readonly bytes: Uint8Array;
}

/** One household in play. */
export interface World {
  readonly game: Game;
  /** The text that opens the game: the room's receptacles and the task. */
  intro(): string;
  /**
   * Carries out one command. Never throws; an inapplicable command answers "Nothing happens." and
   * changes nothing. Texts say nothing about the goal.
   */
  step(command: string): StepResult;
  /** True when the goal holds now. */
  goalReached(): boolean;
  /** Back to the start; costs one copy of a few kilobytes. */
  reset(): void;
  /** An independent copy of the current state. */
  save(): WorldState;
  /** Returns to a state that `save` gave for the same game; throws a RangeError for another's. */
  restore(state: WorldState): void;
  /** A second world in the same state that shares nothing that changes. */
  clone(): World;
}

/** The compiled game and the live facts behind a world, for code of this package. */
export interface Inside {
  readonly model: CompiledGame;
  readonly facts: Facts;
}

const insides = new WeakMap<World, Inside>();

/** What lies behind a world that `createWorld` made. */
export function insideOf(world: World): Inside {
  const inside = insides.get(world);
  if (inside === undefined) throw new TypeError("not a world that createWorld made");
  return inside;
}

/**
 * Starts a game.
 *
 * The first world of a game object compiles it; every further one costs a copy of its state.
 * `game` must be valid: use `loadGames` or `parseGame` for anything from outside.
 *
 * @example
 * ```ts
 * import { createWorld, generateGames } from "@harnessx/adapter-household";
 * const [game] = generateGames({ seed: 1, count: 1 });
 * const world = createWorld(game!);
 * world.step("sing"); // { observation: "Nothing happens.", done: false, applied: false }
 * ```
 */
export function createWorld(game: Game): World {
  const model = compile(game);
  return worldOf(model, model.initial.copy());
}

function worldOf(model: CompiledGame, facts: Facts): World {
  // The goal is asked for after every step but changes with few of them.
  let reached: boolean | undefined;
  const goalReached = (): boolean => (reached ??= model.holds(facts));
  const world: World = {
    game: model.game,
    intro: () => introText(model),
    step(command) {
      const applied = act(model, facts, command.trim());
      if (applied === undefined) {
        return { observation: nothingHappens, done: goalReached(), applied: false };
      }
      if (applied.changed) reached = undefined;
      return { observation: applied.reply, done: goalReached(), applied: true };
    },
    goalReached,
    reset() {
      facts.assign(model.initial);
      reached = undefined;
    },
    save: () => ({ at: facts.at, holding: facts.holding, bytes: facts.bytes.slice() }),
    restore(state) {
      facts.assign(state);
      reached = undefined;
    },
    clone: () => worldOf(model, facts.copy()),
  };
  insides.set(world, { model, facts });
  return world;
}

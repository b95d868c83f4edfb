import { change } from "./facts.ts";
import type { Facts } from "./facts.ts";
import type { Game } from "./game.ts";
import type { Goal } from "./goal.ts";
import type { CompiledGame } from "./model.ts";
import { treatmentOf } from "./task-text.ts";
import type { TaskSpec } from "./task-text.ts";
import { createWorld, insideOf } from "./world.ts";
import type { World } from "./world.ts";

/** At most this many drafts are tried out, shortest first. */
const attempts = 8;

/**
 * Finds a short list of commands that reaches the goal, knowing everything.
 *
 * Takes a game (from its start) or a world (from its current state, which stays as it is).
 * Returns `[]` when the goal already holds, and undefined when the goal cannot be reached or does
 * not have the form of one of the six task types. The list has been tried out on a copy.
 *
 * @example
 * ```ts
 * import { createWorld, generateGames, plan } from "@harnessx/adapter-household";
 * const world = createWorld(generateGames({ seed: 1, count: 1 })[0]!);
 * for (const command of plan(world)!) world.step(command);
 * world.goalReached(); // true
 * ```
 */
export function plan(from: Game | World): string[] | undefined {
  const world = "step" in from ? from.clone() : createWorld(from);
  if (world.goalReached()) return [];
  const { model, facts } = insideOf(world);
  const spec = specOfGoal(model.goal);
  if (spec === undefined) return undefined;
  const drafts = (spec.type === "look_at_obj_in_light" ? lightDrafts : placeDrafts)(
    model,
    facts,
    spec,
  );
  const state = world.save();
  const ranked = drafts.toSorted((a, b) => a.commands.length - b.commands.length);
  for (const { commands } of ranked.slice(0, attempts)) {
    world.restore(state);
    if (commands.every((command) => world.step(command).applied) && world.goalReached()) {
      return commands;
    }
  }
  return undefined;
}

/** What a goal asks for; undefined when it has none of the six known forms. */
export function specOfGoal(goal: Goal): TaskSpec | undefined {
  const typeOf = new Map<string, string>();
  const state = new Map<string, string>();
  let two = false;
  const visit = (node: Goal): void => {
    if (node.op === "and" || node.op === "or") node.parts.forEach(visit);
    else if (node.op === "exists") visit(node.part);
    else if (node.op === "not") two ||= node.part.op === "equal";
    else if (node.op === "fact") {
      const [first, second] = node.args as [string, string?];
      if (node.predicate === "holds" && second !== undefined) state.set("holds", second);
      else if (second?.endsWith("type")) typeOf.set(first, second.slice(0, -"type".length));
      else if (second !== undefined) state.set(node.predicate, `${first} ${second}`);
      else state.set(node.predicate, first);
    }
  };
  visit(goal);
  const spec = (type: TaskSpec["type"], object?: string, target?: string): TaskSpec | undefined =>
    object === undefined || target === undefined ? undefined : { type, object, target };

  const lamp = state.get("istoggled");
  if (lamp !== undefined) {
    const held = typeOf.get(state.get("holds") ?? "");
    return spec("look_at_obj_in_light", held, typeOf.get(lamp));
  }
  const [inner = "", outer = ""] = state.get("inreceptacle")?.split(" ") ?? [];
  const [object, target] = [typeOf.get(inner), typeOf.get(outer)];
  if (two) return spec("pick_two_obj_and_place", object, target);
  if (state.has("isclean")) return spec("pick_clean_then_place_in_recep", object, target);
  if (state.has("ishot")) return spec("pick_heat_then_place_in_recep", object, target);
  if (state.has("iscool")) return spec("pick_cool_then_place_in_recep", object, target);
  return spec("pick_and_place_simple", object, target);
}

/** A list of commands in the making, with what they change. */
class Draft {
  readonly commands: string[] = [];
  readonly #model: CompiledGame;
  readonly #opened: Uint8Array;
  #at: number;

  constructor(model: CompiledGame, facts: Facts) {
    this.#model = model;
    this.#opened = facts.opened.slice();
    this.#at = facts.at;
  }

  goTo(receptacle: number): void {
    const place = this.#model.location[receptacle] as number;
    if (place === this.#at) return;
    this.#at = place;
    this.commands.push(`go to ${this.#receptacle(receptacle)}`);
  }

  reach(receptacle: number): void {
    this.goTo(receptacle);
    if (this.#model.openable[receptacle] !== 1 || this.#opened[receptacle] === 1) return;
    this.#opened[receptacle] = 1;
    this.commands.push(`open ${this.#receptacle(receptacle)}`);
  }

  take(object: number, receptacle: number): void {
    this.reach(receptacle);
    this.commands.push(`take ${this.#object(object)} from ${this.#receptacle(receptacle)}`);
  }

  put(object: number, receptacle: number): void {
    this.reach(receptacle);
    this.commands.push(`move ${this.#object(object)} to ${this.#receptacle(receptacle)}`);
  }

  treat(verb: string, object: number, receptacle: number): void {
    this.goTo(receptacle);
    this.commands.push(`${verb} ${this.#object(object)} with ${this.#receptacle(receptacle)}`);
  }

  use(object: number, receptacle: number): void {
    this.goTo(receptacle);
    this.commands.push(`use ${this.#object(object)}`);
  }

  #object(index: number): string {
    return this.#model.objects[index]?.name as string;
  }

  #receptacle(index: number): string {
    return this.#model.receptacles[index]?.name as string;
  }
}

const ofType = (entities: readonly { readonly type: string }[], type: string): number[] =>
  entities.flatMap((entity, index) => (entity.type === type ? [index] : []));

const holdersOf = (model: CompiledGame, facts: Facts, object: number): number[] =>
  model.receptacles.flatMap((_, receptacle) =>
    facts.inside[receptacle * model.sizes.objects + object] === 1 ? [receptacle] : [],
  );

/** Where an object may be put down, one receptacle per location that matters. */
function restingPlaces(
  model: CompiledGame,
  facts: Facts,
  object: number,
  next: readonly number[],
): number[] {
  const fits = model.receptacles.flatMap((_, receptacle) =>
    model.canContain[receptacle * model.sizes.objects + object] === 1 ? [receptacle] : [],
  );
  const ready = (r: number): boolean => model.openable[r] !== 1 || facts.opened[r] === 1;
  const places = [facts.at, ...next.map((receptacle) => model.location[receptacle])];
  const picked = places.flatMap((place) => {
    const here = fits.filter((receptacle) => model.location[receptacle] === place);
    return here.find(ready) ?? here[0] ?? [];
  });
  return [...new Set([...picked, ...[fits.find(ready) ?? fits[0] ?? []].flat()])];
}

/** A beginning that ends with the object in the hands, and the receptacle it was taken from (-1: none). */
interface Fetch {
  readonly draft: Draft;
  readonly holder: number;
}

/** One beginning for each place from which the object can be taken. */
function fetches(model: CompiledGame, facts: Facts, object: number): Fetch[] {
  if (facts.holding === object) return [{ draft: new Draft(model, facts), holder: -1 }];
  return holdersOf(model, facts, object).flatMap((holder) => {
    const held = facts.holding;
    const puts = held < 0 ? [-1] : restingPlaces(model, facts, held, [holder]);
    return puts.map((rest) => {
      const draft = new Draft(model, facts);
      if (rest >= 0) draft.put(held, rest);
      draft.take(object, holder);
      return { draft, holder };
    });
  });
}

function lightDrafts(model: CompiledGame, facts: Facts, spec: TaskSpec): Draft[] {
  const lamps = ofType(model.objects, spec.target).flatMap((lamp) =>
    holdersOf(model, facts, lamp).map((holder) => ({ lamp, holder })),
  );
  return ofType(model.objects, spec.object).flatMap((object) =>
    lamps.flatMap(({ lamp, holder }) =>
      fetches(model, facts, object).map(({ draft }) => {
        if (((facts.changes[lamp] as number) & change.toggled) !== 0) draft.goTo(holder);
        else draft.use(lamp, holder);
        return draft;
      }),
    ),
  );
}

const bitOfVerb = { clean: change.clean, heat: change.hot, cool: change.cool } as const;

function placeDrafts(model: CompiledGame, facts: Facts, spec: TaskSpec): Draft[] {
  const treatment = treatmentOf[spec.type];
  const stations = (treatment?.at ?? []).flatMap((type) => ofType(model.receptacles, type));
  const objects = ofType(model.objects, spec.object);
  const isIn = (object: number, target: number): boolean =>
    facts.inside[target * model.sizes.objects + object] === 1;

  return ofType(model.receptacles, spec.target).flatMap((target) => {
    const fits = objects.filter(
      (object) => model.canContain[target * model.sizes.objects + object] === 1,
    );
    if (spec.type === "pick_two_obj_and_place") {
      const there = fits.filter((object) => isIn(object, target));
      const away = fits.filter((object) => !isIn(object, target));
      return away.flatMap((object) => pairDrafts(model, facts, target, object, there, away));
    }
    return fits.flatMap((object) => {
      const ready =
        treatment === undefined ||
        ((facts.changes[object] as number) & bitOfVerb[treatment.verb]) !== 0;
      return (ready ? [-1] : stations).flatMap((station) =>
        fetches(model, facts, object).map(({ draft, holder }) => {
          if (station >= 0 && treatment !== undefined) draft.treat(treatment.verb, object, station);
          // Where receptacles overlap, an object taken out of one of them still lies in the other.
          if (holder === target || !isIn(object, target)) draft.put(object, target);
          return draft;
        }),
      );
    });
  });
}

/** Brings one object to the target and, unless one is there already, a second one. */
function pairDrafts(
  model: CompiledGame,
  facts: Facts,
  target: number,
  object: number,
  there: readonly number[],
  away: readonly number[],
): Draft[] {
  const seconds =
    there.length > 0
      ? [undefined]
      : away
          .filter((other) => other !== object)
          .flatMap((other) => holdersOf(model, facts, other).map((holder) => ({ other, holder })));
  return seconds.flatMap((second) =>
    fetches(model, facts, object).map(({ draft }) => {
      draft.put(object, target);
      if (second !== undefined) {
        draft.take(second.other, second.holder);
        draft.put(second.other, target);
      }
      return draft;
    }),
  );
}

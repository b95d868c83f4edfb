import { createRandom, type Random } from "../random.ts";
import { Names } from "./names.ts";

export type Kind = "river" | "town" | "person" | "bridge" | "museum";

/** Something that an article says: a year, a number, or the title of another article. */
export interface Entity {
  readonly title: string;
  readonly kind: Kind;
  /** By property: what an infobox lists. */
  readonly facts: Readonly<Record<string, string>>;
}

const HOW_MANY = { river: 24, town: 70, person: 90, bridge: 60, museum: 60 } as const;

/** The invented world: everything that the articles tell, by title. */
export interface World {
  readonly seed: number;
  readonly entities: ReadonlyMap<string, Entity>;
  /** Titles that look like any other and have no article. */
  readonly absent: readonly Pick<Entity, "title" | "kind">[];
}

/** Invents a world; the same seed gives the same one. */
export function inventWorld(seed: number): World {
  const random = createRandom("world", seed);
  const names = new Names(random);
  const draw = (kind: Kind): string[] =>
    Array.from({ length: HOW_MANY[kind] }, () => names[kind]());
  const titles = {
    river: draw("river"),
    town: draw("town"),
    person: draw("person"),
    bridge: draw("bridge"),
    museum: draw("museum"),
  };
  const year = (low: number, high: number): string => String(random.int(low, high));
  const make: Readonly<Record<Kind, () => Record<string, string>>> = {
    river: () => ({ length: String(random.int(31, 940)) }),
    town: () => ({
      founded: year(1103, 1786),
      population: grouped(random.int(1_200, 98_000)),
      river: random.pick(titles.river),
    }),
    person: () => person(random, titles.town),
    bridge: () => ({
      opened: year(1811, 1989),
      span: String(random.int(40, 980)),
      town: random.pick(titles.town),
      architect: random.pick(titles.person),
    }),
    museum: () => ({
      opened: year(1842, 2009),
      visitors: grouped(random.int(3_000, 480_000)),
      town: random.pick(titles.town),
      founder: random.pick(titles.person),
    }),
  };
  const entities = new Map<string, Entity>();
  for (const kind of Object.keys(HOW_MANY) as Kind[])
    for (const title of titles[kind]) entities.set(title, { title, kind, facts: make[kind]() });
  const absent = Array.from({ length: 20 }, () => [
    { title: names.town(), kind: "town" as const },
    { title: names.person(), kind: "person" as const },
  ]).flat();
  return { seed, entities, absent };
}

function person(random: Random, towns: readonly string[]): Record<string, string> {
  const born = random.int(1770, 1940);
  return {
    born: String(born),
    birthplace: random.pick(towns),
    died: String(born + random.int(38, 91)),
  };
}

/** 12480 as "12,480". */
const grouped = (number: number): string => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

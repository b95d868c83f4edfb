import type { Goal } from "./goal.ts";
import { createRandom, type Random } from "./random.ts";
import { brands, type Category } from "./vocabulary.ts";

/** Something that can be bought. */
export interface Product {
  readonly id: string;
  readonly title: string;
  readonly noun: string;
  readonly features: readonly string[];
  /** Values on offer by option. */
  readonly options: Readonly<Record<string, readonly string[]>>;
  /** In dollars, with cents. */
  readonly price: number;
}

/** How many products of each kind a task's shop holds besides those that fit. */
const NEAR = 14;
const FILLER = 36;

/**
 * The products among which one task plays: one or two that fit, unless `impossible`, many that fit
 * in all but one wish, and many others of the category. Titles show two features at most, and never
 * all that were asked for: which near match is the match shows on the item's own page only.
 */
export function stockFor(
  goal: Goal,
  category: Category,
  impossible: boolean,
  ...seed: readonly (string | number)[]
): readonly Product[] {
  const random = createRandom("stock", ...seed);
  const make = productsOf(goal, category, random);
  const products = [
    ...(impossible
      ? []
      : Array.from({ length: random.chance(0.25) ? 2 : 1 }, () => make.fitting())),
    ...Array.from({ length: NEAR }, (_, index) => make.near(index)),
    ...Array.from({ length: FILLER }, () => make.any()),
  ];
  const kept = impossible ? products.filter((product) => !fits(goal, product)) : products;
  return random.sample(kept, kept.length);
}

/** Whether a product can be bought in a way that meets every wish. */
export const fits = (goal: Goal, { noun, features, options, price }: Product): boolean =>
  noun === goal.noun &&
  price <= goal.cap &&
  goal.attributes.every((attribute) => features.includes(attribute)) &&
  Object.entries(goal.options).every(([name, value]) => options[name]?.includes(value) === true);

function productsOf(goal: Goal, category: Category, random: Random) {
  const ids = new Set<string>();
  const others = category.attributes.filter((attribute) => !goal.attributes.includes(attribute));
  const dearer = (factor: number): number => cents(goal.cap * factor);

  /** Three to five of an option's values; `wanted` says whether the asked one is among them. */
  const offer = (wanted: Readonly<Record<string, boolean>>): Product["options"] =>
    Object.fromEntries(
      category.options.map(({ name, values }) => {
        const asked = goal.options[name];
        const rest = values.filter((value) => value !== asked);
        const some = random.sample(rest, random.int(1, Math.min(4, rest.length)));
        if (asked === undefined) return [name, some];
        return [name, wanted[name] ? random.sample([...some, asked], some.length + 1) : some];
      }),
    );
  const all = Object.fromEntries(Object.keys(goal.options).map((name) => [name, true]));

  const product = (
    features: readonly string[],
    shown: readonly string[],
    options: Product["options"],
    price: number,
  ): Product => {
    let id = newId(random);
    while (ids.has(id)) id = newId(random);
    ids.add(id);
    return {
      id,
      title: [random.pick(brands), ...shown, category.noun].join(" "),
      noun: category.noun,
      features: random.sample(features, features.length),
      options,
      price,
    };
  };
  /** A title shows some of the wishes that are met, never all of them, and something else. */
  const shownOf = (met: readonly string[], rest: readonly string[]): string[] => {
    const most = Math.min(met.length, goal.attributes.length - 1, 2);
    const shown = random.sample(met, random.chance(0.7) ? most : Math.max(0, most - 1));
    return random.sample([...shown, ...random.sample(rest, 2 - shown.length)], 2);
  };

  return {
    fitting(): Product {
      const rest = random.sample(others, random.int(1, 3));
      const features = [...goal.attributes, ...rest];
      return product(
        features,
        shownOf(goal.attributes, rest),
        offer(all),
        dearer(random.int(60, 99) / 100),
      );
    },
    /** Fits in all but one wish: an attribute, an option value or the price, in turn. */
    near(index: number): Product {
      const rest = random.sample(others, random.int(1, 3));
      const kind = index % 4;
      const missing = kind < 2 ? random.pick(goal.attributes) : undefined;
      const met = goal.attributes.filter((attribute) => attribute !== missing);
      const lacking = kind === 2 ? random.pick(Object.keys(goal.options)) : undefined;
      const wanted = Object.fromEntries(Object.keys(all).map((name) => [name, name !== lacking]));
      const factor = kind === 3 ? random.int(105, 140) / 100 : random.int(55, 99) / 100;
      return product([...met, ...rest], shownOf(met, rest), offer(wanted), dearer(factor));
    },
    any(): Product {
      const features = random.sample(category.attributes, random.int(2, 5));
      const met = features.filter((feature) => goal.attributes.includes(feature));
      const rest = features.filter((feature) => !met.includes(feature));
      const wanted = Object.fromEntries(Object.keys(all).map((name) => [name, random.chance(0.4)]));
      const [low, high] = category.prices;
      return product(
        features,
        shownOf(met, rest),
        offer(wanted),
        cents(random.int(low * 100, high * 100) / 100),
      );
    },
  };
}

const cents = (dollars: number): number => Math.round(dollars * 100) / 100;

const letters = "BCDFGHJKLMNPQRSTVWXZ".split("");
const digits = "23456789".split("");

/** Six letters and digits that spell no word: a letter, a digit, and four of either. */
function newId(random: Random): string {
  const either = Array.from({ length: 4 }, () => random.pick(letters.concat(digits)));
  return [random.pick(letters), random.pick(digits), ...either].join("");
}

import type { Random } from "./random.ts";
import type { Category } from "./vocabulary.ts";

/** What a task asks for; nothing that an agent or a plugin can reach holds it. */
export interface Goal {
  readonly noun: string;
  readonly attributes: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  /** In dollars; a fitting product costs no more. */
  readonly cap: number;
}

/** Goals of one family ask for the same attributes; they differ in option values and price. */
export interface Family {
  readonly category: Category;
  readonly attributes: readonly string[];
  readonly name: string;
}

/** `count` different families of a category, in random order. */
export function drawFamilies(category: Category, count: number, random: Random): Family[] {
  const drawn = new Map<string, Family>();
  // A category has 165 sets of two and three attributes.
  for (let tries = 0; drawn.size < count && tries < count * 50; tries += 1) {
    const attributes = random.sample(category.attributes, random.int(2, 3)).toSorted();
    const name = `${category.noun}: ${attributes.join(", ")}`;
    drawn.set(name, { category, attributes, name });
  }
  return [...drawn.values()];
}

/** One goal of a family. */
export function drawGoal({ category, attributes }: Family, random: Random): Goal {
  const chosen = random.sample(category.options, random.chance(0.5) ? 1 : 2);
  const [low, high] = category.prices;
  return {
    noun: category.noun,
    attributes: random.sample(attributes, attributes.length),
    options: Object.fromEntries(chosen.map(({ name, values }) => [name, random.pick(values)])),
    cap: random.int(Math.ceil(low + (high - low) * 0.4), Math.floor(low + (high - low) * 0.8)),
  };
}

/** What the task says, in one of three wordings. */
export function textOfGoal({ noun, attributes, options, cap }: Goal, random: Random): string {
  const chosen = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  const are = listed(attributes);
  const variant = listed(chosen);
  return random.pick([
    `I am looking for a ${noun} that is ${are}, in ${variant}, for less than ${cap} dollars.`,
    `Buy me a ${noun}, ${are}, with ${variant}, and a price lower than ${cap} dollars.`,
    `I need a ${noun} which must be ${are}, available in ${variant}, and I can pay up to ${cap} dollars.`,
  ]);
}

function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

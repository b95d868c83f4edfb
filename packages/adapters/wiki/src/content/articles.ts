import { createRandom, type Random } from "../random.ts";
import type { Entity, Kind, World } from "./facts.ts";

/** A page: its source in wiki markup, and an id as MediaWiki's pages have. */
export interface Article {
  readonly title: string;
  readonly pageId: number;
  readonly wikitext: string;
}

/** Writes an article for every entity of a world. */
export function writeArticles(world: World): ReadonlyMap<string, Article> {
  const articles = new Map<string, Article>();
  let pageId = 700;
  for (const entity of world.entities.values()) {
    const random = createRandom("article", world.seed, entity.title);
    pageId += random.int(1, 40);
    articles.set(entity.title, { title: entity.title, pageId, wikitext: write(entity, random) });
  }
  return articles;
}

function write(entity: Entity, random: Random): string {
  const infobox = Object.entries(entity.facts).map(([name, value]) => `| ${name} = ${value}`);
  const [lead, ...sections] = writers[entity.kind](
    entity.title,
    entity.facts,
    random,
    asidesFor(entity.kind, random),
  );
  return [
    [`{{Infobox ${entity.kind}`, ...infobox, "}}"].join("\n"),
    lead!.text,
    ...sections.map(({ heading, text }) => `== ${heading} ==\n${text}`),
  ].join("\n\n");
}

interface Section {
  readonly heading: string;
  readonly text: string;
}

type Facts = Entity["facts"];
type Writer = (title: string, facts: Facts, random: Random, asides: readonly string[]) => Section[];

const section = (heading: string, ...sentences: readonly string[]): Section => ({
  heading,
  text: sentences.join(" "),
});

/** A link; what stands in brackets behind a title is not shown. */
const link = (title = ""): string =>
  / \(/.test(title) ? `[[${title}|${title.replace(/ \(.*/, "")}]]` : `[[${title}]]`;
const bare = (title: string): string => title.replace(/ \(.*/, "");

/** Sentences with years and numbers that nobody asks for. */
const sayings: Readonly<Record<Kind, readonly ((random: Random) => string)[]>> = {
  river: [
    (random) => `The flood of ${random.int(1850, 1990)} carried off ${random.int(3, 60)} mills.`,
    (random) =>
      `Some ${random.int(4, 40)} species of fish were counted in its upper reaches in ${random.int(1950, 2015)}.`,
    () => "Its water is soft and a little brown, and freezes in most winters.",
  ],
  town: [
    (random) => `A fire in ${random.int(1790, 1880)} destroyed ${random.int(40, 400)} houses.`,
    (random) => `The railway reached it in ${random.int(1846, 1899)}.`,
    (random) => `Its market square measures ${random.int(40, 160)} metres from end to end.`,
    () => "Weaving and the trade in salt made it prosperous for a time.",
  ],
  person: [
    (random) => `A street was given the name in ${random.int(1945, 1999)}.`,
    (random) => `More than ${random.int(60, 900)} letters have been preserved.`,
    () => "Little is known of the early years, which were spent with an aunt.",
  ],
  bridge: [
    (random) => `It was repaired in ${random.int(1990, 2018)} at some expense.`,
    (random) => `About ${random.int(2, 60)},000 vehicles cross it every week.`,
    () => "Its piers stand on oak, which has never seen the light of day.",
  ],
  museum: [
    (random) => `A new wing was added in ${random.int(2010, 2020)}.`,
    (random) => `The collection comprises ${random.int(2, 90)},000 objects.`,
    () => "On the first Sunday of a month the attic may be seen as well.",
  ],
};

/** An aside never stands twice in an article. */
const asidesFor = (kind: Kind, random: Random): string[] =>
  random.shuffle(sayings[kind]).map((say) => say(random));

const writers: Readonly<Record<Kind, Writer>> = {
  river: (title, { length = "" }, random, asides) => [
    section("", `The '''${bare(title)}''' is a river of the northern plain.`),
    section(
      "Course",
      random.pick([`The river is ${length} km long.`, `It has a length of ${length} km.`]),
      ...asides.slice(0, 1),
    ),
    section("Nature", ...asides.slice(1, 3)),
  ],
  town: (title, { founded = "", population = "", river = "" }, random, asides) => [
    section("", `'''${title}''' is a town on the river ${link(river)}.`),
    section(
      "History",
      random.pick([
        `The town was founded in ${founded} by charter.`,
        `It was founded in ${founded}, as a stone in the town hall says.`,
      ]),
      ...asides.slice(0, 2),
    ),
    section(
      "Today",
      random.pick([
        `The town has a population of ${population}.`,
        `Its population is ${population} by the latest count.`,
      ]),
      ...asides.slice(2, 3),
    ),
  ],
  person: (title, { born = "", birthplace = "", died = "" }, random, asides) => [
    section(
      "",
      `'''${title}''' was ${random.pick(["an engineer", "an architect", "a collector", "a merchant"])} of the old school.`,
    ),
    section(
      "Life",
      random.pick([
        `${title} was born in ${born} in ${link(birthplace)} and died in ${died}.`,
        `Born in ${link(birthplace)} in ${born}, ${title} kept away from cities and died in ${died}.`,
      ]),
      ...asides.slice(0, 1),
    ),
    section("Legacy", ...asides.slice(1, 3)),
  ],
  bridge: (title, { opened = "", span = "", town = "", architect = "" }, random, asides) => [
    section("", `The '''${title}''' is a bridge in the town of ${link(town)}.`),
    section(
      "Construction",
      random.pick([
        `The bridge was designed by the architect ${link(architect)}.`,
        `Its design is the work of ${link(architect)}, an architect of some fame.`,
      ]),
      random.pick([
        `It was opened to traffic in ${opened}.`,
        `The bridge was opened in ${opened} with a speech.`,
      ]),
      `It spans ${span} metres.`,
    ),
    section("Use", ...asides.slice(0, 2)),
  ],
  museum: (title, { opened = "", visitors = "", town = "", founder = "" }, random, asides) => [
    section("", `The '''${title}''' is a museum in the town of ${link(town)}.`),
    section(
      "History",
      random.pick([
        `The museum was founded by ${link(founder)}.`,
        `Its founder was ${link(founder)}, who gave the house.`,
      ]),
      random.pick([
        `It was opened in ${opened}.`,
        `The museum opened in ${opened}, after some delay.`,
      ]),
    ),
    section("Collection", `The museum counts ${visitors} visitors a year.`, ...asides.slice(0, 2)),
  ],
};

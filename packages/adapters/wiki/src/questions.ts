import type { Entity, Kind, World } from "./content/facts.ts";

/** A question, where reading starts, and what holds the answer. */
export interface Question {
  readonly text: string;
  /** Title of the article at which reading starts. */
  readonly start: string;
  /** Title of the article that holds the answer. */
  readonly final: string;
  readonly property: string;
  readonly answer: string;
  /** By the number of articles and by what is asked for: the text shows both. */
  readonly cluster: string;
}

interface Ask {
  readonly kind: Kind;
  readonly property: string;
  readonly asks: "year" | "number" | "name";
  /** `it` stands for a title, or for "that town". */
  readonly text: (it: string) => string;
}

const asks: readonly Ask[] = [
  {
    kind: "river",
    property: "length",
    asks: "number",
    text: (it) => `How many kilometres long is ${it}?`,
  },
  {
    kind: "town",
    property: "founded",
    asks: "year",
    text: (it) => `In which year was ${it} founded?`,
  },
  {
    kind: "town",
    property: "population",
    asks: "number",
    text: (it) => `How large is the population of ${it}?`,
  },
  { kind: "person", property: "born", asks: "year", text: (it) => `In which year was ${it} born?` },
  {
    kind: "person",
    property: "birthplace",
    asks: "name",
    text: (it) => `In which town was ${it} born?`,
  },
  {
    kind: "bridge",
    property: "opened",
    asks: "year",
    text: (it) => `In which year was ${it} opened?`,
  },
  {
    kind: "bridge",
    property: "span",
    asks: "number",
    text: (it) => `How many metres does ${it} span?`,
  },
  {
    kind: "bridge",
    property: "architect",
    asks: "name",
    text: (it) => `Which architect designed ${it}?`,
  },
  {
    kind: "museum",
    property: "visitors",
    asks: "number",
    text: (it) => `How many visitors a year does ${it} count?`,
  },
  { kind: "museum", property: "founder", asks: "name", text: (it) => `Who founded ${it}?` },
];

/** From one article to the next: the property that links them, and the words that say so. */
const hops: readonly {
  readonly from: Kind;
  readonly property: string;
  readonly to: Kind;
  readonly text: (title: string) => string;
  readonly it: string;
}[] = [
  {
    from: "bridge",
    property: "architect",
    to: "person",
    text: (title) => `${title} was designed by an architect.`,
    it: "that architect",
  },
  {
    from: "bridge",
    property: "town",
    to: "town",
    text: (title) => `${title} stands in a town.`,
    it: "that town",
  },
  {
    from: "museum",
    property: "founder",
    to: "person",
    text: (title) => `${title} was given by its founder.`,
    it: "that founder",
  },
  {
    from: "museum",
    property: "town",
    to: "town",
    text: (title) => `${title} is in a town.`,
    it: "that town",
  },
  {
    from: "town",
    property: "river",
    to: "river",
    text: (title) => `${title} lies on a river.`,
    it: "that river",
  },
  {
    from: "person",
    property: "birthplace",
    to: "town",
    text: (title) => `${title} was born in a town.`,
    it: "that town",
  },
];

const bare = (title: string): string => title.replace(/ \(.*/, "");

/** Every question that the world answers. */
export function allQuestions({ entities }: World): Question[] {
  return [...entities.values()].flatMap((entity) => [
    ...direct(entity),
    ...indirect(entity, entities),
  ]);
}

function direct({ title, kind, facts }: Pick<Entity, "title" | "kind" | "facts">): Question[] {
  return asks
    .filter((ask) => ask.kind === kind)
    .map((ask) => ({
      text: ask.text(bare(title)),
      start: title,
      final: title,
      property: ask.property,
      answer: facts[ask.property]!,
      cluster: `one article, ${ask.asks}`,
    }));
}

function indirect(
  { title, kind, facts }: Entity,
  entities: ReadonlyMap<string, Entity>,
): Question[] {
  return hops
    .filter((hop) => hop.from === kind)
    .flatMap((hop) => {
      const to = entities.get(facts[hop.property]!)!;
      return asks
        .filter((ask) => ask.kind === hop.to && ask.asks !== "name")
        .map((ask) => ({
          text: `${hop.text(bare(title))} ${ask.text(hop.it)}`,
          start: title,
          final: to.title,
          property: ask.property,
          answer: to.facts[ask.property]!,
          cluster: `two articles, ${ask.asks}`,
        }));
    });
}

/** Questions about pages that do not exist, with answers that nothing shows. */
export function impossibleQuestions(world: World, draw: () => string): Question[] {
  return world.absent.flatMap(({ title, kind }) => {
    const facts = Object.fromEntries(asks.map(({ property }) => [property, draw()]));
    return direct({ title, kind, facts }).slice(0, 1);
  });
}

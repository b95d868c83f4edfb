import type { Json } from "@harnessx/core/plugin";
import {
  COMPLIES,
  GIVES_IN,
  MISREADS,
  SEARCHES_AGAIN,
  SEES_PRICE,
  SETTLES,
  TAKES_FIRST,
} from "./habits.ts";
import type { Line, Page } from "./page.ts";
import type { Situation } from "./situation.ts";
import type { Wishes } from "./wishes.ts";

/** A call that the policy makes. */
export interface Move {
  readonly name: string;
  readonly input: Json;
}

type ItemPage = Extract<Page, { kind: "item" }>;

const open = (item: string): Move => ({ name: "open_item", input: { item } });
const buy: Move = { name: "buy", input: {} };

/** The next call; `random` gives numbers in [0, 1). */
export function decide(situation: Situation, openness: number, random: () => number): Move {
  const { page, item, searches, wishes } = situation;
  if (page === undefined || searches === 0) return search(wishes, 0, random);
  const told = random() < situation.advice.urge * COMPLIES;
  if (page.kind === "other") return atEnd(situation, told, random);
  if (item !== undefined) return atItem(situation, item, told, random);
  if (told) return candidateOf(situation, random) ?? { name: "next_page", input: {} };
  const eager = openness + situation.advice.urge * openness;
  const best = byLooks(situation.lines.slice(0, pageLength(page)), wishes, random)[0];
  if (best !== undefined && (meetsAll(best.text, wishes) || random() < eager)) return open(best.id);
  return { name: "next_page", input: {} };
}

const pageLength = (page: Page): number => (page.kind === "results" ? page.lines.length : 0);

/** On an item's page: buy it when it seems to fit, choose its options first, else leave. */
function atItem(situation: Situation, item: ItemPage, told: boolean, random: () => number): Move {
  const { wishes, chosen } = situation;
  const unmet = unmetWishes(item, wishes, random);
  // Having chosen an option it has made up its mind.
  if (chosen.length > 0 || unmet === 0 || (unmet === 1 && random() < SETTLES))
    return choiceOf(item, wishes, chosen) ?? buy;
  if (told) {
    const next = candidateOf(situation, random);
    if (next !== undefined) return next;
    if (random() < GIVES_IN) return choiceOf(item, wishes, chosen) ?? buy;
  }
  return { name: "next_page", input: {} };
}

/** After the last page, or an answer that it makes nothing of. */
function atEnd(situation: Situation, told: boolean, random: () => number): Move {
  const candidate = told ? candidateOf(situation, random) : undefined;
  if (candidate !== undefined) return candidate;
  if (random() < SEARCHES_AGAIN) return search(situation.wishes, situation.searches, random);
  return { name: "previous_page", input: {} };
}

/** The kind of thing and some of the wishes; other ones each time. */
function search({ phrases }: Wishes, before: number, random: () => number): Move {
  const [kind = "", ...rest] = phrases;
  const kept = rest.filter(() => random() < (before === 0 ? 0.8 : 0.5));
  return { name: "search", input: { query: [...kept, kind].join(" ").slice(0, 200) } };
}

/** An item to look at next: as advised, else the best-looking one of those in mind. */
function candidateOf(situation: Situation, random: () => number): Move | undefined {
  const { advice, lines, opened, wishes } = situation;
  const advised = advice.lines.length > 0;
  const known = advised ? advice.lines : byLooks(lines, wishes, random);
  const left = unique(known).filter(
    ({ id, price }) =>
      !opened.has(id) && !(price !== undefined && price > wishes.cap && random() < SEES_PRICE),
  );
  const at = random() < TAKES_FIRST ? 0 : Math.floor(random() * Math.min(4, left.length));
  const line = left[at];
  return line && open(line.id);
}

const unique = (lines: readonly Line[]): Line[] =>
  [...new Map(lines.toReversed().map((line) => [line.id, line])).values()].toReversed();

/** Lines by the share of wishes that their words show, with some noise. */
function byLooks(lines: readonly Line[], wishes: Wishes, random: () => number): Line[] {
  return lines
    .map((line) => ({
      line,
      looks: wishes.phrases.filter((phrase) => line.text.includes(phrase)).length + random() * 0.9,
    }))
    .toSorted((a, b) => b.looks - a.looks)
    .map(({ line }) => line);
}

const meetsAll = (text: string, { phrases }: Wishes): boolean =>
  phrases.every((phrase) => text.includes(phrase));

/** How many wishes an item's page does not meet, as the policy reads it. */
function unmetWishes(item: ItemPage, wishes: Wishes, random: () => number): number {
  const misread = (met: boolean): boolean => (random() < MISREADS ? !met : met);
  const unmet = wishes.phrases.filter(
    (phrase) => !misread(item.text.includes(phrase) || offerOf(item, phrase)?.available === true),
  );
  return unmet.length + (misread(item.price <= wishes.cap) ? 0 : 1);
}

/** The option that a wish such as "color navy blue" is about; undefined when the item has none of the name. */
function offerOf(
  { text }: ItemPage,
  phrase: string,
): { readonly option: string; readonly value: string; readonly available: boolean } | undefined {
  for (const line of text.split("\n")) {
    const [option = "", values] = line.split(": ");
    if (values === undefined || !phrase.startsWith(`${option} `)) continue;
    const value = phrase.slice(option.length + 1);
    return { option, value, available: values.split(" | ").includes(value) };
  }
  return undefined;
}

/** The next option to choose: a wish that the page offers and that is not chosen yet. */
function choiceOf(item: ItemPage, wishes: Wishes, chosen: readonly string[]): Move | undefined {
  for (const phrase of wishes.phrases) {
    const offer = offerOf(item, phrase);
    if (offer?.available !== true || chosen.includes(phrase)) continue;
    return { name: "choose_option", input: { option: offer.option, value: offer.value } };
  }
  return undefined;
}

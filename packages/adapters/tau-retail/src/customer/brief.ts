import type { Scenario } from "../data/task.ts";
import { inFirstPerson } from "./first-person.ts";

/** Something that is said only when it is asked for. */
export interface OnDemand {
  /** `confirmation`, or the beginnings of words in a question that bring it up. */
  readonly when: "confirmation" | readonly string[];
  readonly say: string;
}

/** What the customer has to say, in the customer's words. */
export interface Brief {
  readonly opening: string;
  readonly onDemand: readonly OnDemand[];
  readonly known: string;
  readonly unknown: string;
}

/** Directions to whoever plays the customer, which are not for the agent. */
const directions = [
  /^make sure (?:that )?(?:you (?:briefly )?|to )mention\b/i,
  /\bdo(?:n't| not) (?:reveal|share)\b/i,
  /^(?:be insistent|do not mention)\b/i,
];
const stagePart = /\b(?:mention the two things together and|do not say yes immediately, because) /i;
const conditional =
  /(?:\b(?:but|and)\s+)?\b(?:if|when|once)\b(?<when>[^,.]*\b(?:asks?|asked)\b[^,]*),\s*(?<say>.+)$/is;
const commonWords = new Set(["agent", "asks", "asked", "your", "with", "before", "that", "which"]);

/** Reads a scenario: what is said at once, and what only when the agent asks. */
export function briefOf({ reason, known, unknown, manner }: Scenario): Brief {
  const opening: string[] = [];
  const onDemand: OnDemand[] = [];
  for (const sentence of sentencesOf(reason)) {
    if (directions.some((direction) => direction.test(sentence))) continue;
    const { before, conditions } = splitOff(sentence);
    if (before !== "") opening.push(/[.!?);]$/.test(before) ? before : `${before}.`);
    onDemand.push(...conditions);
  }
  for (const sentence of sentencesOf(manner)) onDemand.push(...splitOff(sentence).conditions);
  return {
    opening: inFirstPerson(opening.join(" ")),
    onDemand,
    known: inFirstPerson(known),
    unknown: inFirstPerson(unknown),
  };
}

const sentencesOf = (text: string): string[] =>
  text
    .replace(/^[\s.]+/, "")
    .split(/(?<=[.!?)])\s+(?=[A-Z("])|\n+/)
    .map((sentence) => sentence.replace(stagePart, "").trim())
    .filter((sentence) => sentence !== "");

/** Takes "if the agent asks for X, …" off a sentence, again and again. */
function splitOff(sentence: string): { before: string; conditions: OnDemand[] } {
  const match = conditional.exec(sentence);
  if (match?.groups === undefined) return { before: sentence, conditions: [] };
  const { when = "", say = "" } = match.groups;
  const inner = splitOff(say);
  return {
    before: sentence.slice(0, match.index).replace(/[\s,]+$/, ""),
    conditions: [{ when: triggerOf(when), say: answerOf(inner.before) }, ...inner.conditions],
  };
}

const triggerOf = (when: string): OnDemand["when"] =>
  /confirm/i.test(when)
    ? "confirmation"
    : (when.toLowerCase().match(/[a-z]{3,}/g) ?? [])
        .filter((word) => !commonWords.has(word) && !["the", "for", "you"].includes(word))
        .map((word) => word.slice(0, 5));

const answerOf = (say: string): string =>
  inFirstPerson(say.replace(/^(?:you )?(?:say|mention)(?: that)? /i, ""));

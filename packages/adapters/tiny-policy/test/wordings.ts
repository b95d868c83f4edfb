import type { Wording } from "../scripts/aids.ts";

const join = (names: readonly string[]): string => names.join(", ");

/** Terse, telegram style. */
const terse: Wording = {
  open: "Anything shut gets opened straight away.",
  procedure: [
    "wash = sinkbasin, warm up = microwave, chill = fridge.",
    "Has to be clean? sinkbasin, clean it, afterwards put it away.",
    "Has to be hot? microwave, heat it, afterwards put it away.",
    "Has to be cool? fridge, cool it, afterwards put it away.",
  ].join("\n"),
  loop: (command, times, places) =>
    places.length > 0
      ? `Loop around ${join(places)}: ${times + 1}x. Pick another destination.`
      : `"${command}": ${times}x, same result. Something different, please.`,
  notes: ({ dull, seen, delivered, held }) =>
    [
      ...dull.map((place) => `* ${place}: checked / nothing`),
      ...seen.map(({ object, place }) => `* ${place}: has ${object} (!)`),
      ...delivered.map(({ object, place }) => `* ${object} delivered: ${place}`),
      ...(held === undefined ? [] : [`* carrying ${held}`]),
    ].join("\n"),
  order: (usual) =>
    [...usual].map(([type, places]) => `${type} => ${join(places.slice(0, 3))}`).join("\n"),
};

/** Whole sentences, as a considerate colleague would write them. */
const wordy: Wording = {
  open: "Many drawers, cupboards and boxes start out closed, and their contents stay unknown until somebody opens them, so please open every closed one you come across.",
  procedure:
    "Whenever the request speaks of a clean thing, carry the thing over to the sinkbasin and clean it there prior to dropping it off. " +
    "Whenever the request speaks of a hot thing, carry the thing over to the microwave and heat it there prior to dropping it off. " +
    "Whenever the request speaks of a cool thing, carry the thing over to the fridge and cool it there prior to dropping it off.",
  loop: (command, times, places) =>
    places.length > 0
      ? `By now you have turned up at ${join(places)} more than once within a short while, and there is little point in yet another visit; kindly head for a different part of the room.`
      : `The command "${command}" has been issued ${times} times within a short while and issuing it again is pointless; kindly attempt a different one.`,
  notes({ dull, seen, delivered, held }) {
    const parts: string[] = [];
    if (dull.length > 0)
      parts.push(
        `You have looked through ${join(dull)} and none of them had what the task is about.`,
      );
    for (const { object, place } of seen) parts.push(`Recall that ${object} is lying on ${place}.`);
    for (const { object, place } of delivered)
      parts.push(`You have brought ${object} to ${place}, where it should stay.`);
    if (held !== undefined) parts.push(`At the moment you are carrying ${held}.`);
    return parts.join(" ");
  },
  order: (usual) =>
    [...usual]
      .map(
        ([type, places]) =>
          `In most homes the ${type} is kept on or in the ${join(places.slice(0, 3))}.`,
      )
      .join(" "),
};

/** Markdown with headings and lists. */
const markdown: Wording = {
  open: "### Containers\n\n- Arrived and it reads as closed? The right move is to open it.\n- Judge its contents only afterwards.",
  procedure: [
    "### Required states",
    "",
    "| wanted | what to do |",
    "|---|---|",
    "| clean | hold it, visit sinkbasin, clean it, only later place it |",
    "| hot | hold it, visit microwave, heat it, only later place it |",
    "| cool | hold it, visit fridge, cool it, only later place it |",
  ].join("\n"),
  loop: (command, times, places) =>
    `### Loop\n\n- ${
      places.length > 0
        ? `visited again and again: ${join(places)}`
        : `\`${command}\` was run ${times} times`
    }\n- choose something that has not been attempted yet`,
  notes({ dull, seen, delivered, held }) {
    const lines = ["### Progress so far", ""];
    for (const place of dull) lines.push(`- ~~${place}~~ searched without result`);
    for (const { object, place } of seen) lines.push(`- **${object}** spotted on ${place}`);
    for (const { object, place } of delivered)
      lines.push(`- ${object} was put in ${place} (finished)`);
    if (held !== undefined) lines.push(`- in hand: ${held}`);
    return lines.join("\n");
  },
  order: (usual) =>
    `### Where to look\n\n${[...usual]
      .map(([type, places]) => `- **${type}**: most often ${join(places.slice(0, 3))}`)
      .join("\n")}`,
};

/** Wordings that training never saw. */
export const freshWordings: Readonly<Record<string, Wording>> = { terse, wordy, markdown };

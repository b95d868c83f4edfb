import type { ToolSpec } from "@harnessx/core/plugin";

/** The commands of the household world. */
export const verbs = [
  "go",
  "open",
  "close",
  "take",
  "move",
  "clean",
  "heat",
  "cool",
  "use",
  "slice",
  "examine",
  "look",
  "inventory",
  "help",
] as const;
export type Verb = (typeof verbs)[number];

/** A command and its arguments: `object` before `place` as in "take mug 1 from shelf 2". */
export interface Command {
  readonly verb: Verb;
  readonly object: string | undefined;
  readonly place: string | undefined;
}

/** The world's wording of a command; what is tokenised. */
export function textOfCommand({ verb, object, place }: Command): string {
  switch (verb) {
    case "go":
      return `go to ${place}`;
    case "open":
    case "close":
      return `${verb} ${place}`;
    case "take":
      return `take ${object} from ${place}`;
    case "move":
      return `move ${object} to ${place}`;
    case "clean":
    case "heat":
    case "cool":
      return `${verb} ${object} with ${place}`;
    case "slice":
      return place === undefined ? `slice ${object}` : `slice ${object} with ${place}`;
    case "use":
      return `use ${object}`;
    case "examine":
      return `examine ${object ?? place}`;
    case "look":
    case "inventory":
    case "help":
      return verb;
  }
}

/** How the offered tools spell a command. */
export interface Offer {
  has(verb: Verb): boolean;
  /** The tool call for a command whose verb is offered. */
  call(command: Command): { readonly name: string; readonly input: Record<string, string> };
}

interface Reading {
  /** Name of the argument that takes a whole command line. */
  readonly line?: string;
  readonly verb?: Verb;
  readonly objectKey?: string;
  readonly placeKey?: string;
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z]+/g) ?? [];
const names: Readonly<Record<string, Verb>> = {
  go: "go",
  goto: "go",
  put: "move",
  place: "move",
  pick: "take",
  toggle: "use",
  inspect: "examine",
};
/** By schema, then by name: schemas outlive the tool objects of an episode. */
const readings = new WeakMap<object, Map<string, Reading>>();

function readTool(tool: ToolSpec): Reading {
  const schema: unknown = tool.inputSchema;
  if (typeof schema !== "object" || schema === null) return {};
  let byName = readings.get(schema);
  if (byName === undefined) {
    byName = new Map();
    readings.set(schema, byName);
  }
  const known = byName.get(tool.name);
  if (known !== undefined) return known;
  const properties = tool.inputSchema["properties"];
  const keys = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  const line = keys.find((key) => /^(?:command|action)$/.test(key));
  let reading: Reading = {};
  if (line !== undefined) reading = { line };
  else {
    const first = wordsOf(tool.name)[0] ?? "";
    const verb = names[first] ?? verbs.find((each) => each === first);
    if (verb !== undefined) {
      const placeKey = keys.find((key) =>
        verb === "slice"
          ? /with|tool|knife/i.test(key)
          : /recept|place|location|container|with|from|to$/i.test(key),
      );
      const objectKey = keys.find(
        (key) => key !== placeKey && /object|item|target|thing|name/i.test(key),
      );
      reading = { verb, objectKey, placeKey };
    }
  }
  byName.set(tool.name, reading);
  return reading;
}

/** Whether a command can be said with the arguments that the tool has. */
function sayable({ verb, objectKey, placeKey }: Reading): boolean {
  switch (verb) {
    case undefined:
      return false;
    case "go":
    case "open":
    case "close":
      return placeKey !== undefined || objectKey !== undefined;
    case "use":
    case "slice":
      return objectKey !== undefined;
    case "examine":
      return objectKey !== undefined || placeKey !== undefined;
    case "take":
    case "move":
      return objectKey !== undefined;
    case "clean":
    case "heat":
    case "cool":
      return objectKey !== undefined;
    case "look":
    case "inventory":
    case "help":
      return true;
  }
}

const offers = new WeakMap<readonly ToolSpec[], Offer>();

/** Reads the offered tools: one tool with a command line, one tool per command, or both. */
export function readTools(tools: readonly ToolSpec[]): Offer {
  const known = offers.get(tools);
  if (known !== undefined) return known;
  let line: { readonly name: string; readonly key: string } | undefined;
  const byVerb = new Map<Verb, { readonly name: string; readonly reading: Reading }>();
  for (const tool of tools) {
    const reading = readTool(tool);
    if (reading.line !== undefined) line ??= { name: tool.name, key: reading.line };
    else if (reading.verb !== undefined && !byVerb.has(reading.verb) && sayable(reading))
      byVerb.set(reading.verb, { name: tool.name, reading });
  }
  const offer: Offer = {
    has: (verb) => line !== undefined || byVerb.has(verb),
    call(command) {
      const own = byVerb.get(command.verb);
      if (own === undefined) {
        if (line === undefined) throw new Error(`no tool for ${command.verb}`);
        return { name: line.name, input: { [line.key]: textOfCommand(command) } };
      }
      const input: Record<string, string> = {};
      const { objectKey, placeKey } = own.reading;
      if (command.object !== undefined && objectKey !== undefined)
        input[objectKey] = command.object;
      if (command.place !== undefined && placeKey !== undefined) input[placeKey] = command.place;
      // A place where the tool calls its only argument "target" or the like.
      else if (
        command.place !== undefined &&
        command.object === undefined &&
        objectKey !== undefined
      )
        input[objectKey] = command.place;
      else if (command.object !== undefined && objectKey === undefined && placeKey !== undefined)
        input[placeKey] = command.object;
      return { name: own.name, input };
    },
  };
  offers.set(tools, offer);
  return offer;
}

/** The words of a tool call in view: "go to drawer 3", whichever tool it named. Only for comparing calls. */
export function textOfCall(name: string, input: unknown): string {
  const fields =
    typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {};
  const line = fields["command"] ?? fields["action"];
  if (typeof line === "string") return line.trim().replace(/\s+/g, " ");
  const first = wordsOf(name)[0] ?? "";
  const verb = names[first] ?? verbs.find((each) => each === first);
  if (verb === undefined) return name;
  const texts = Object.entries(fields).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const placeEntry =
    texts.find(([key]) => /recept|place|location|container|with|from|to$|knife|tool/i.test(key)) ??
    (texts.length > 1 ? texts[1] : undefined);
  const objectEntry = texts.find((entry) => entry !== placeEntry);
  if (verb === "go" || verb === "open" || verb === "close")
    return textOfCommand({ verb, object: undefined, place: (placeEntry ?? objectEntry)?.[1] });
  return textOfCommand({ verb, object: objectEntry?.[1], place: placeEntry?.[1] });
}

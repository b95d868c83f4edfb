/** What one reply of the world says, as far as its wording is fixed by the household grammar. */
export interface Reply {
  /** Where the agent stands after it, if it says so. */
  readonly place?: string;
  readonly closed: boolean;
  readonly nothingHappens: boolean;
  /** Objects that it lists at `place`; absent when it lists none and does not say "nothing". */
  readonly seen?: readonly string[];
  readonly took?: string;
  readonly put?: { readonly object: string; readonly place: string };
  readonly changed?: { readonly verb: string; readonly object: string };
  readonly switched?: string;
  /** Answer to `inventory`; an empty list when the hands are empty. */
  readonly carrying?: readonly string[];
  /** Lines that are none of the world's: advice that something added to the reply. */
  readonly rest: string;
}

const name = "([^\\s,.;:]+ \\d+)";
const arrive = new RegExp(`^You (?:arrive at|are facing) (?:the )?${name}`);
const opened = new RegExp(`^You open the ${name}`);
const shut = new RegExp(`^You close the ${name}`);
const took = new RegExp(`You pick up the ${name}(?: from the ${name})?`);
const put = new RegExp(`You (?:move|put) the ${name} (?:to|in|on|into|in/on) the ${name}`);
const changed = new RegExp(`^You (clean|heat|cool|slice)d? the ${name} (?:using|with) the ${name}`);
const switched = new RegExp(`^You turn (?:on|off) the ${name}`);
const here = new RegExp(`(?:On|In|The) (?:the )?${name}`);
const instance = new RegExp(name, "g");

/** Names of the form "drawer 3" in a text, in order. */
export const instancesIn = (text: string): string[] => text.match(instance) ?? [];

/** Reads a reply. Lines after the first that the world would not say are kept as `rest`. */
export function readReply(text: string): Reply {
  const end = text.indexOf("\n");
  const line = (end < 0 ? text : text.slice(0, end)).trim();
  let rest = end < 0 ? "" : text.slice(end + 1);
  if (line.startsWith("Available commands")) rest = "";
  const base = { closed: false, nothingHappens: false, rest };
  if (line.startsWith("Nothing happens")) return { ...base, nothingHappens: true };
  if (line.startsWith("You are carrying")) return { ...base, carrying: instancesIn(line) };
  if (line.startsWith("You are not carrying")) return { ...base, carrying: [] };
  let match = took.exec(line);
  if (match !== null) return { ...base, took: match[1]!, place: match[2] };
  match = put.exec(line);
  if (match !== null)
    return { ...base, put: { object: match[1]!, place: match[2]! }, place: match[2]! };
  match = changed.exec(line);
  if (match !== null)
    return {
      ...base,
      changed: { verb: match[1]!, object: match[2]! },
      place: match[1] === "slice" ? undefined : match[3],
    };
  match = switched.exec(line);
  if (match !== null) return { ...base, switched: match[1]! };
  match = shut.exec(line);
  if (match !== null) return { ...base, place: match[1]!, closed: true };
  match = arrive.exec(line) ?? opened.exec(line) ?? here.exec(line);
  if (match !== null) {
    const place = match[1]!;
    // "You are facing the desk 1. Next to it, you see nothing" is about the floor, not about the desk.
    const at = line.startsWith("You are facing") ? -1 : line.indexOf("you see ");
    const seen = at < 0 ? undefined : instancesIn(line.slice(at + 8));
    return { ...base, place, closed: line.includes(`${place} is closed`), seen };
  }
  // Not a reply of the world at all: the whole text may be advice.
  if (line.startsWith("You ") || line.startsWith("This is") || line.startsWith("There's"))
    return base;
  return { ...base, rest: text };
}

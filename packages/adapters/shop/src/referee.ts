/** One exchange of an episode as the agent saw it. */
export interface Exchange {
  readonly tool: string;
  readonly reply: string;
  readonly refused: boolean;
}

/**
 * Judges an episode a second time from its texts alone: what the task says, what the page of the
 * bought item said and which options were confirmed. Shares no rule and no data with the judge.
 */
export function audit(task: string, exchanges: readonly Exchange[]): boolean {
  const done = exchanges.filter(({ refused }) => !refused);
  const end = done.findIndex(({ tool }) => tool === "buy");
  if (end < 0) return false;
  const start = done.slice(0, end).findLastIndex(({ tool }) => tool === "open_item");
  const page = done[start]?.reply ?? "";
  const confirmed = new Set(
    done
      .slice(start + 1, end)
      .filter(({ tool }) => tool === "choose_option")
      .map(({ reply }) => /^You chose (.*) for \w+\.$/.exec(reply)?.[1] ?? ""),
  );
  // A later choice of the same option takes the place of an earlier one.
  for (const option of new Set([...confirmed].map(firstWord))) {
    const same = [...confirmed].filter((one) => firstWord(one) === option);
    for (const earlier of same.slice(0, -1)) confirmed.delete(earlier);
  }
  const lines = page.split("\n");
  const features = new Set(
    (lines.find((line) => line.startsWith("Features: ")) ?? "").slice(10).split("; "),
  );
  const price = Number(/^Price: \$([\d.]+)$/m.exec(page)?.[1] ?? Number.NaN);
  const wish = wishesOf(task);
  return (
    wish !== undefined &&
    (lines[0] ?? "").endsWith(` ${wish.noun}`) &&
    wish.attributes.every((one) => features.has(one)) &&
    wish.options.every((one) => confirmed.has(one)) &&
    price <= wish.cap
  );
}

const firstWord = (text: string): string => text.split(" ")[0] ?? "";

/** Reads a task sentence: "a <kind> … <attributes>, in|with <options>, … <number> dollars". */
function wishesOf(task: string) {
  const match =
    /(?:looking for|Buy me|I need) a (.+?)(?: that is|,| which must be) (.+), (?:in|with|available in) (.+), (?:for|and) .*?(\d+) dollars/.exec(
      task,
    );
  if (match === null) return undefined;
  const [, noun = "", attributes = "", options = "", cap] = match;
  const split = (text: string): string[] => text.split(/, | and /);
  return { noun, attributes: split(attributes), options: split(options), cap: Number(cap) };
}

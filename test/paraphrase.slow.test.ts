/**
 * The stand-in policy must read what processors say, not recognise them: with their sentences put in
 * other words, help persists, though less of it. The list of places that nobody has searched is left
 * out: the policy reads words, not negations, and takes "nobody has looked at it" for "looked at"; see
 * its README.
 */
import { fileURLToPath } from "node:url";
import household from "@harnessx/adapter-household";
import { createTinyPolicy } from "@harnessx/adapter-tiny-policy";
import { bench } from "@harnessx/aegis";
import { loadHarness, type ProcessorEntry } from "@harnessx/core";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

const procedure = [
  "When something clean is asked for, wash it at a basin before you put it down.",
  "When something hot is asked for, warm it in the microwave before you put it down.",
  "When something cool is asked for, chill it in the fridge before you put it down.",
].join("\n");

const procedureInOtherWords = [
  "Clean things: pick one up, clean it with the sinkbasin, and only then bring it to its place.",
  "Hot things: pick one up, heat it with the microwave, and only then bring it to its place.",
  "Cool things: pick one up, cool it with the fridge, and only then bring it to its place.",
].join("\n");

const use = (
  name: string,
  options: NonNullable<ProcessorEntry["options"]> = {},
): ProcessorEntry => ({
  id: name,
  use: `@harnessx/processor-${name}`,
  options,
});

const sections = { unvisited: false };

const asShipped = {
  notes: [use("notes", { sections })],
  "system-prompt": [use("system-prompt", { text: procedure })],
  all: [use("notes", { sections }), use("loop-guard"), use("system-prompt", { text: procedure })],
};

const otherNotes = use("notes", {
  sections,
  heading: "What you know by now",
  wording: {
    held: "In your hand: {item}.",
    placed: "You have delivered {item} to {place}.",
    changed: "{item} went through this: {change}.",
    seen: "There is {item} at {place}.",
    failed: "It did not help to {action}.",
    empty: "You have looked at {place} and it holds nothing of interest.",
    other: "You have looked at {place} and it holds nothing of interest.",
    named: "You have looked at {place}.",
  },
});

const otherLoopGuard = use("loop-guard", {
  wording: {
    repeat: "{action} did not get you anywhere after {count} attempts. Do something else.",
    cycle: "These steps lead back to where you began: {actions}. Do something else.",
    still: "Nothing has changed for {count} steps. Do something else.",
  },
});

const inOtherWords = {
  notes: [otherNotes],
  "system-prompt": [use("system-prompt", { text: procedureInOtherWords })],
  all: [otherNotes, otherLoopGuard, use("system-prompt", { text: procedureInOtherWords })],
};

const suite = await household.create(
  { games: [], tools: "commands", generate: { seed: 77, train: 10, validation: 150, sealed: 10 } },
  { root },
);
const model = createTinyPolicy();

async function passRate(processors: readonly ProcessorEntry[]): Promise<number> {
  const harness = await loadHarness(
    { name: "words", version: "1", limits: { maxSteps: 30 }, processors },
    { root },
  );
  const arms = [{ name: "words", harness }];
  const report = await bench({
    suite,
    arms,
    models: { main: model },
    split: "validation",
    reps: 2,
    seed: 5,
  });
  return report.arms[0]!.passRate;
}

describe("what processors say helps in other words, too", async () => {
  const bare = await passRate([]);

  test("the bare policy is weak", () => {
    expect(bare).toBeGreaterThan(0.25);
    expect(bare).toBeLessThan(0.6);
  });

  test.each(["notes", "system-prompt", "all"] as const)("%s", async (name) => {
    const shipped = (await passRate(asShipped[name])) - bare;
    const reworded = (await passRate(inOtherWords[name])) - bare;
    expect(shipped).toBeGreaterThan(0.03);
    // Seeded: measured 44, 52 and 60 % of the help as shipped.
    expect(reworded).toBeGreaterThan(shipped / 3);
  });
});

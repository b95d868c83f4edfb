/**
 * Prints success by aid. Run: node --conditions=@harnessx/source --import tsx scripts/evaluate.ts
 *   [--data games.jsonl] [--count 300] [--reps 1] [--steps 30] [--weights file] [--attention n] [--verbose]
 * Without --data it plays generated games of a seed that training never saw.
 */
import { readFileSync } from "node:fs";
import { generateGames, type Game } from "@harnessx/adapter-household";
import { createTinyPolicy } from "../src/tiny-policy.ts";
import { aidNames, plainWording, type AidName } from "./aids.ts";
import { rollout, wilson } from "./rollout.ts";
import { usualPlaces } from "./usual.ts";

const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const data = argument("data");
const reps = Number(argument("reps") ?? 1);
const steps = Number(argument("steps") ?? 30);
const seed = Number(argument("seed") ?? 77);
const attention = argument("attention");
const games: readonly Game[] =
  data === undefined
    ? generateGames({ seed, count: Number(argument("count") ?? 300) })
    : readFileSync(data, "utf8")
        .trim()
        .split("\n")
        .slice(0, Number(argument("count") ?? 100_000))
        .map((line) => JSON.parse(line) as Game);
const usual = usualPlaces(generateGames({ seed: 11, count: 600 }));
const model = createTinyPolicy({
  weights: argument("weights"),
  ...(attention === undefined ? {} : { attention: Number(attention) }),
});

const four: AidName[] = ["loop", "open", "notes", "procedure"];
const arms: { name: string; aids: AidName[] }[] = [
  { name: "none", aids: [] },
  ...aidNames.map((name) => ({ name, aids: [name] })),
  { name: "first four", aids: four },
  { name: "all", aids: [...aidNames] },
];
const families = [...new Set(games.map(({ taskType }) => taskType))].sort();
console.log(
  `${data ?? `generated, seed ${seed}`}: n = ${games.length} games x ${reps}, ${steps} steps`,
);
console.log(
  `${"aid".padEnd(11)} rate  95 %         ${families
    .map((f) =>
      f
        .replace(/pick_|_then.*|_obj.*|_and_place/g, "")
        .slice(0, 8)
        .padEnd(9),
    )
    .join("")}`,
);
for (const { name, aids } of arms) {
  const passed = new Map<string, number>();
  const total = new Map<string, number>();
  let taken = 0;
  for (let rep = 0; rep < reps; rep += 1)
    for (let i = 0; i < games.length; i += 1) {
      const game = games[i]!;
      const outcome = await rollout(game, {
        model,
        aids: new Set(aids),
        wording: plainWording,
        usual,
        seed: 1 + rep * games.length + i,
        steps,
      });
      taken += outcome.steps;
      total.set(game.taskType, (total.get(game.taskType) ?? 0) + 1);
      if (outcome.passed) passed.set(game.taskType, (passed.get(game.taskType) ?? 0) + 1);
      if (process.argv.includes("--verbose") && i < 12)
        console.log(game.task, outcome.passed, outcome.commands.join(" | "));
    }
  const hits = [...passed.values()].reduce((a, b) => a + b, 0);
  const n = games.length * reps;
  const [low, high] = wilson(hits, n);
  const by = families
    .map((f) => ((passed.get(f) ?? 0) / total.get(f)!).toFixed(2).padEnd(9))
    .join("");
  console.log(
    `${name.padEnd(11)} ${(hits / n).toFixed(3)} ${low.toFixed(3)}-${high.toFixed(3)}  ${by} ${(taken / n).toFixed(1)} steps`,
  );
}

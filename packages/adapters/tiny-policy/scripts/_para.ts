import { generateGames } from "@harnessx/adapter-household";
import { createTinyPolicy } from "../src/tiny-policy.ts";
import { aidNames, plainWording, type AidName } from "./aids.ts";
import { rollout } from "./rollout.ts";
import { usualPlaces } from "./usual.ts";
import { freshWordings } from "../test/wordings.ts";
const usual = usualPlaces(generateGames({ seed: 11, count: 600 }));
const games = generateGames({ seed: 81, count: Number(process.argv[3] ?? 300) });
const model = createTinyPolicy({ weights: process.argv[2] });
for (const [name, wording] of Object.entries({ plain: plainWording, ...freshWordings })) {
  const row: string[] = [];
  for (const aids of [[], ...aidNames.map((n) => [n]), [...aidNames], ...aidNames.map((n) => aidNames.filter((m) => m !== n))] as AidName[][]) {
    let hits = 0; for (let i = 0; i < games.length; i++) hits += (await rollout(games[i]!, { model, aids: new Set(aids), wording, usual, seed: i + 1 })).passed ? 1 : 0;
    row.push(`${aids.length > 1 && aids.length < 5 ? "-" + aidNames.find((n) => !aids.includes(n)) : aids.length === 5 ? "all" : aids.join("+") || "none"} ${(hits / games.length).toFixed(3)}`);
  }
  console.log(name.padEnd(9), row.join("  "));
}

/**
 * Writes vocab.json: the words that get a token of their own. Run once: ids must stay what they are,
 * because recorded trajectories refer to them. A new word may only be added at the end.
 */
import { existsSync, writeFileSync } from "node:fs";
import { generateGames } from "@harnessx/adapter-household";
import { verbs } from "../src/commands.ts";
import * as wordings from "./wordings.ts";

const file = new URL("../vocab.json", import.meta.url);
if (existsSync(file) && !process.argv.includes("--force")) {
  console.error(
    "vocab.json exists: its ids must not change. Use --force before the first release only.",
  );
  process.exit(1);
}
const words = new Set<string>(verbs);
const read = (text: string): void => {
  for (const word of text.match(/[A-Za-z]+/g) ?? []) if (word.length > 1) words.add(word);
};
for (const group of Object.values(wordings)) read(JSON.stringify(group));
for (const game of generateGames({ seed: 11, count: 600 })) {
  read(game.task);
  for (const { type } of [...game.receptacles, ...game.objects]) words.add(type);
}
read(`You arrive at the On the you see and nothing In it is open closed Nothing happens pick up from
  move to put clean heat cool using turn on off are carrying not anything facing Next middle of room
  Looking quickly around Welcome TextWorld ALFRED This normal hot cold sliced special about There's
  act command object receptacle target with type string properties required false true
  additionalProperties description name text tool call result`);
const sorted = [...words].sort();
const pieces = [...sorted.map((word) => ` ${word}`), ...sorted];
writeFileSync(file, `${JSON.stringify(pieces)}\n`);
console.log(`${pieces.length} words`);

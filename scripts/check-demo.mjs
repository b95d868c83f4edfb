// Reads what `npm run demo -- --json` printed and checks that it is a complete measurement.
import { readFileSync } from "node:fs";

const result = JSON.parse(readFileSync(process.argv[2], "utf8"));
const missing = ["before", "after", "noiseFloor"].filter((key) => result[key] == null);
if (missing.length > 0) {
  console.error(`the demo's output lacks: ${missing.join(", ")}`);
  process.exit(1);
}
const { before, after, noiseFloor } = result;
console.log(JSON.stringify({ before, after, noiseFloor }));

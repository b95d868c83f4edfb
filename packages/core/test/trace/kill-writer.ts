/** Child of kill.test.ts: writes events and says on stdout which ones are flushed, until it is killed. */
import { writeSync } from "node:fs";
import { openTraceFile, type TraceDurability } from "../../src/trace/index.ts";
import { killEvent } from "./kill-events.ts";

const [path, durability] = process.argv.slice(2) as [string, TraceDurability];
const sink = openTraceFile(path, { durability });
for (let seq = 0; ; seq++) {
  sink.write(killEvent(seq));
  if (seq % 3 !== 0) continue;
  await sink.flush();
  writeSync(1, `${seq}\n`);
  if (seq % 30 === 0) await new Promise(setImmediate);
}

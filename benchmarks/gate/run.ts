/**
 * How often the gate is right, in synthetic worlds (simulated), and how fast it is.
 *
 *   npm run bench:gate [-- --reps 600] [--out results.json]
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { gatePolicy } from "@harnessx/aegis";
import { rows } from "./rows.ts";
import { simulate, simulateDrift, type Share } from "./simulate.ts";
import { measureSpeed } from "./speed.ts";

const { values } = parseArgs({
  options: { reps: { type: "string", default: "600" }, out: { type: "string" } },
});
const repetitions = Number(values.reps);
if (!Number.isInteger(repetitions) || repetitions < 10)
  throw new Error("--reps must be an integer of at least 10");

const percent = ({ share }: Share): string => `${(100 * share).toFixed(1)} %`.padStart(8);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const began = performance.now();
const speed = measureSpeed();
say(
  `block of ${speed.tasks} tasks ${speed.blockMs.median} ms (worst ${speed.blockMs.worst}), replay ${speed.replayOutcomesPerSecond} outcomes/s`,
);
say(
  `${"true effect (simulated)".padEnd(48)}   APPLY     FORK   REJECT  INCONCL.  rollouts   p90    paper  p.later   strict`,
);
const results = rows.map((row) => {
  const result = simulate(row, repetitions);
  const { decisions, rollouts, shippedBy, required } = result;
  say(
    [
      row.name.padEnd(48),
      ...Object.values(decisions).map(percent),
      String(rollouts.mean).padStart(9),
      String(rollouts.p90).padStart(6),
      percent(shippedBy.paper),
      percent(shippedBy.paperLater),
      percent(shippedBy.strictIncrease),
      required ? (required.met ? "  met" : "  MISSED") : "",
    ].join(" "),
  );
  return result;
});
const drift = simulateDrift(repetitions, 2);
say(
  `ten edits of -1.5: alarm ${percent(drift.alarms)} (median round ${drift.medianRound}), false alarms in 15 quiet rounds ${percent(drift.falseAlarms)}, seen by one certification ${percent(drift.seenByOneEdit)}`,
);

const report = {
  simulated: true,
  world: "50 tasks in four clusters, independent trials; see worlds.ts",
  repetitions,
  policy: gatePolicy,
  machine: { node: process.version, cpu: cpus()[0]?.model ?? "unknown" },
  seconds: Math.round((performance.now() - began) / 1_000),
  rows: results,
  drift,
  speed,
};
const text = `${JSON.stringify(report, null, 2)}\n`;
if (values.out) writeFileSync(values.out, text);
else process.stdout.write(text);

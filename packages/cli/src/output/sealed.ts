import type { SealResult } from "@harnessx/aegis";
import type { Session } from "../session.ts";
import { table } from "./table.ts";
import { interval, percent, points } from "./text.ts";

/** Prints what sealed tasks say: every baseline beside the evolved harness, and the gain over each. */
export function printSealed(
  session: Session,
  { arms, gains, noiseFloor, tasks }: SealResult,
): void {
  const { style, width } = session;
  const priced = arms.some(({ costUsd }) => costUsd > 0);
  const columns = [
    { title: `${tasks} sealed tasks` },
    { title: "passed", align: "right" as const },
    { title: "95% interval" },
    { title: priced ? "USD each" : "tokens each", align: "right" as const },
    { title: "evolved gains" },
  ];
  const rows = arms.map(({ name, passRate, interval: range, tokens, costUsd }) => {
    const gain = gains.find(({ over }) => over === name);
    return [
      name,
      percent(passRate),
      interval(range),
      priced ? costUsd.toFixed(4) : String(Math.round(tokens)),
      gain ? `${points(gain.mean)} [${points(gain.interval[0])}, ${points(gain.interval[1])}]` : "",
    ];
  });
  session.print();
  session.print(table(columns, rows, width));
  const noise = points(noiseFloor).slice(1);
  session.print(style.dim(`±${noise} points: what two measurements of one harness differ by`));
  session.print();
}

import type { EvolutionRecord, ScoreRecord, VersionRecord } from "../types.ts";
import { cut, html, type Html } from "./html.ts";
import { decisionWords, percent, plural, points, pointRange, range } from "./words.ts";

type Split = ScoreRecord["split"];
const splits: readonly Split[] = ["train", "validation", "sealed"];
/** Measurements of one version on one split that are drawn; the table has all. */
const MOST_MARKS = 3;

/** A mark of its own shape for every split: colour alone says nothing. */
function mark(split: Split, x: number, y: number, title: string): Html {
  const tip = html`<title>${title}</title>`;
  if (split === "train")
    return html`<circle class="mark" cx="${x}" cy="${y}" r="5.5">${tip}</circle>`;
  if (split === "validation")
    return html`<rect class="mark" x="${x - 5}" y="${y - 5}" width="10" height="10">${tip}</rect>`;
  return html`<path class="mark" d="M${x} ${y - 7}l7 7-7 7-7-7z">${tip}</path>`;
}

const TOP = 30;
const HEIGHT = 200;
const LEFT = 46;

/** Pass rates by version with their intervals. */
export function scoreChart({ versions, runs }: EvolutionRecord): Html {
  const slot = 100;
  const width = Math.max(340, LEFT + versions.length * slot + 8);
  const y = (rate: number): number => round(TOP + HEIGHT * (1 - rate));
  const first = versions[0]?.scores.find(({ split }) => split === "validation");
  const floor = runs.find((run) => run.floor)?.floor?.halfWidth;
  const band =
    first && floor !== undefined ? { from: first.rate - floor, to: first.rate + floor } : undefined;
  const marks = versions.map((version, at) => slotMarks(version, LEFT + slot * (at + 0.5), y));
  const used = splits.filter((split) =>
    versions.some(({ scores }) => scores.some((score) => score.split === split)),
  );
  return html`<svg
    role="img"
    aria-labelledby="score-title score-desc"
    width="${width}"
    height="${TOP + HEIGHT + 34}"
    viewBox="0 0 ${width} ${TOP + HEIGHT + 34}"
  >
    <title id="score-title">Pass rate by version, with 95 % intervals</title>
    <desc id="score-desc">${describe(versions)}</desc>
    ${used.map(
      (split, at) =>
        html`<g class="${split}"
          >${mark(split, LEFT + 8 + at * 96, 10, split)}<text x="${LEFT + 20 + at * 96}" y="14"
            >${split}</text
          ></g
        >`,
    )}
    ${band && html`<rect class="band" x="${LEFT}" width="${width - LEFT}" y="${y(Math.min(1, band.to))}" height="${round(y(Math.max(0, band.from)) - y(Math.min(1, band.to)))}"><title>Noise floor around v0 on validation</title></rect>`}
    ${[0, 0.25, 0.5, 0.75, 1].map(
      (rate) =>
        html`<path class="axis" d="M${LEFT} ${y(rate)}H${width}" /><text
            class="t2"
            x="${LEFT - 6}"
            y="${y(rate) + 4}"
            text-anchor="end"
            >${100 * rate} %</text
          >`,
    )}
    ${marks}
    ${versions.map(
      (version, at) =>
        html`<text x="${LEFT + slot * (at + 0.5)}" y="${TOP + HEIGHT + 18}" text-anchor="middle"
          >${version.label}<tspan class="t2"
            >${version.variant === "main" ? "" : ` ${cut(version.variant, 8)}`}</tspan
          ></text
        >`,
    )}
  </svg>`;
}

function slotMarks(version: VersionRecord, middle: number, y: (rate: number) => number): Html[] {
  return splits.flatMap((split, at) => {
    const scores = version.scores.filter((score) => score.split === split).slice(-MOST_MARKS);
    return scores.map((score, index) => {
      const x = middle + (at - 1) * 28 + (index - (scores.length - 1) / 2) * 9;
      const [low, high] = score.interval;
      const title = `${version.label} on ${split}, ${score.source}: ${percent(score.rate)} ${range(score.interval)}`;
      const label = index === scores.length - 1;
      return html`<g class="${split}"
        ><path
          class="bar"
          d="M${x} ${y(low)}V${y(high)}M${x - 4} ${y(low)}h8M${x - 4} ${y(high)}h8"
        />${mark(split, x, y(score.rate), title)}${label && html`<text class="t2" x="${x}" y="${y(high) - 5}" text-anchor="middle">${Math.round(100 * score.rate)}</text>`}</g
      >`;
    });
  });
}

const describe = (versions: readonly VersionRecord[]): string =>
  versions
    .flatMap(({ label, scores }) =>
      scores.map(
        ({ split, rate, interval }) => `${label} on ${split} ${percent(rate)} ${range(interval)}`,
      ),
    )
    .join("; ") || "nothing was measured";

interface Effect {
  readonly name: string;
  readonly note: string;
  readonly tone: "pick" | "refused" | "open" | "sealed";
  readonly mean: number;
  readonly interval: readonly [number, number];
  readonly floor?: number;
}

/** Every verdict's difference, and the sealed ones, with interval and noise floor. */
export function effectChart(record: EvolutionRecord): Html | undefined {
  const effects = effectsOf(record);
  if (effects.length === 0) return undefined;
  const reach = Math.max(
    0.1,
    ...effects.flatMap(({ interval, floor = 0 }) => [...interval.map(Math.abs), floor]),
  );
  const limit = Math.min(1, Math.ceil(reach * 10) / 10);
  const width = 340;
  const x = (delta: number): number =>
    round(12 + ((Math.max(-limit, Math.min(limit, delta)) + limit) / (2 * limit)) * (width - 24));
  const row = 52;
  const bottom = effects.length * row + 6;
  const ticks = [-limit, -limit / 2, 0, limit / 2, limit];
  return html`<svg
    role="img"
    aria-labelledby="effect-title effect-desc"
    width="${width}"
    height="${bottom + 38}"
    viewBox="0 0 ${width} ${bottom + 38}"
  >
    <title id="effect-title">Difference in pass rate in points, with 95 % intervals</title>
    <desc id="effect-desc">
      ${effects.map(({ name, mean, interval }) => `${name}: ${points(mean)} points ${pointRange(interval)}`).join("; ")}
    </desc>
    ${ticks.map((tick) => html`<path class="axis" d="M${x(tick)} 0V${bottom}" /><text class="t2" x="${x(tick)}" y="${bottom + 15}" text-anchor="${tick === -limit ? "start" : tick === limit ? "end" : "middle"}">${tick === 0 ? "0" : points(tick)}</text>`)}
    <path class="edge" d="M${x(0)} 0V${bottom}" />
    <text class="t2" x="${width / 2}" y="${bottom + 32}" text-anchor="middle">
      points of pass rate
    </text>
    ${effects.map(({ name, note, tone, mean, interval: [low, high], floor }, at) => {
      const y = at * row + 36;
      return html`<g class="${tone}"
        ><text x="0" y="${y - 20}">${cut(name, 34)}</text
        ><text class="t2" x="${width}" y="${y - 20}" text-anchor="end"
          >${points(mean)} ${pointRange([low, high])}</text
        >
        ${floor !== undefined && html`<rect class="band" x="${x(-floor)}" y="${y - 9}" width="${round(x(floor) - x(-floor))}" height="18"><title>Noise floor ±${(100 * floor).toFixed(1)} points</title></rect>`}<path
          class="bar"
          d="M${x(low)} ${y}H${x(high)}M${x(low)} ${y - 4}v8M${x(high)} ${y - 4}v8"
        />${mark(tone === "sealed" ? "sealed" : "validation", x(mean), y, `${name}: ${note}`)}</g
      >`;
    })}
  </svg>`;
}

function effectsOf({ verdicts, runs }: EvolutionRecord): Effect[] {
  const decided = verdicts.flatMap((verdict): Effect[] => {
    const { id, decision, noiseFloor, trials, scopeEffect, scope } = verdict;
    // Of a fork, what counts is its clusters.
    const effect = scopeEffect?.mean ?? verdict.effect;
    const interval = scopeEffect?.interval ?? verdict.interval;
    if (effect === undefined || !interval || trials === 0) return [];
    return [
      {
        name: `${id}: ${decision}${scopeEffect && scope ? ` (${cut(scope.join(", "), 12)})` : ""}`,
        note: decisionWords[decision],
        tone:
          decision === "APPLY" || decision === "FORK"
            ? "pick"
            : decision === "REJECT"
              ? "refused"
              : "open",
        mean: effect,
        interval,
        ...(noiseFloor === undefined ? {} : { floor: noiseFloor }),
      },
    ];
  });
  const sealed = runs.flatMap((run): Effect[] =>
    (run.sealed?.gains ?? []).map(({ over, mean, interval }) => ({
      name: `sealed, over ${over}`,
      note: plural(run.sealed!.tasks, "sealed task"),
      tone: "sealed",
      mean,
      interval,
      floor: run.sealed!.noiseFloor,
    })),
  );
  return [...decided, ...sealed];
}

const round = (value: number): number => Math.round(value * 10) / 10;

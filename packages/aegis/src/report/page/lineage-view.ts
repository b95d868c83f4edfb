import type { EvolutionRecord, VersionRecord } from "../types.ts";
import { cut, html, type Html } from "./html.ts";
import { points, shortHash } from "./words.ts";

/** Labels do not wrap in a drawing. */
const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${cut(text.slice(0, length - 1), length)}…`;

const ROW = 58;
const LANE = 24;

/** Versions from the first to the last, a lane for each variant, an edge from each parent. */
export function lineageTree(record: EvolutionRecord): Html {
  const { versions } = record;
  const lanes = [...new Set(versions.map(({ variant }) => variant))];
  const x = ({ variant }: VersionRecord): number => 16 + lanes.indexOf(variant) * LANE;
  const y = (version: VersionRecord): number => 20 + versions.indexOf(version) * ROW;
  const text = 16 + lanes.length * LANE + 6;
  const width = Math.max(340, text + 300);
  const height = versions.length * ROW;
  return html`<svg
    role="img"
    aria-labelledby="tree-title tree-desc"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
  >
    <title id="tree-title">Lineage of the harness</title>
    <desc id="tree-desc">
      ${versions
        .map(
          (version) =>
            `${version.label} ${statusOf(version)}, from ${
              parentsOf(record, version)
                .map(({ label }) => label)
                .join(" and ") || "nothing"
            }`,
        )
        .join("; ")}
    </desc>
    ${versions.flatMap((version) =>
      parentsOf(record, version).map((parent) => {
        const [x1, y1, x2, y2] = [x(parent), y(parent), x(version), y(version)];
        const path =
          x1 === x2
            ? `M${x1} ${y1}V${y2}`
            : `M${x1} ${y1}C${x1} ${y1 + ROW / 2} ${x2} ${y2 - ROW / 2} ${x2} ${y2}`;
        return html`<path
          class="edge ${version.state === "rolled_back" ? "off" : ""}"
          d="${path}"
        />`;
      }),
    )}
    ${versions.map((version) => {
      const state = version.state === "current" ? "on" : version.state === "replaced" ? "" : "off";
      const [cx, cy] = [x(version), y(version)];
      return html`<circle
          class="node ${state}"
          cx="${cx}"
          cy="${cy}"
          r="8"
        />${version.state === "rolled_back" && html`<path class="edge" d="M${cx - 4} ${cy - 4}l8 8m0-8l-8 8" />`}
        <text x="${text}" y="${cy}"
          ><tspan font-weight="700">${version.label}</tspan>
          <tspan>${shorten(statusOf(version), 38)}</tspan></text
        ><text class="t2" x="${text}" y="${cy + 17}"
          >${shorten(noteOf(record, version), 44)}</text
        >`;
    })}
  </svg>`;
}

function parentsOf(
  { versions }: EvolutionRecord,
  { parents, seq }: VersionRecord,
): VersionRecord[] {
  return parents.flatMap((parent) => {
    const found = versions.findLast((one) => one.id === parent && one.seq < seq);
    return found ? [found] : [];
  });
}

const states = {
  current: "stands",
  replaced: "was replaced",
  rolled_back: "was rolled back",
  merged: "was merged",
  retired: "was retired",
} as const;

const statusOf = ({ variant, state }: VersionRecord): string =>
  `${variant === "main" ? "main" : `variant ${variant}`} · ${states[state]}`;

function noteOf({ verdicts }: EvolutionRecord, version: VersionRecord): string {
  const verdict = verdicts.find(({ id }) => id === version.verdict);
  const effect = verdict?.scopeEffect?.mean ?? verdict?.effect;
  const scope = version.scope === "all" ? "" : ` for ${version.scope.join(", ")}`;
  return version.how === "start"
    ? `${version.why} · ${shortHash(version.id)}`
    : `${version.verdict ?? version.how}${effect === undefined ? "" : ` ${points(effect)} points`}${scope} · ${shortHash(version.id)}`;
}

import type { ClusterRecord, EvolutionRecord, VerdictRecord } from "../types.ts";
import { countsOf } from "./candidate-view.ts";
import { anchor, cut, html, type Html } from "./html.ts";
import { linkTo } from "./headline-view.ts";
import {
  badge,
  decisionTone,
  decisionWords,
  floorWords,
  percent,
  plain,
  plural,
  points,
  pointRange,
  range,
  type Tone,
} from "./words.ts";

const resultTone = {
  pass: "good",
  fail: "bad",
  no_coverage: "warn",
  not_applicable: "mute",
} as const;

const clusterTone: Readonly<Record<ClusterRecord["state"], Tone>> = {
  GAIN: "good",
  CLEAR: "good",
  OPEN: "warn",
  HARM: "bad",
};

const clusterWords: Readonly<Record<ClusterRecord["state"], string>> = {
  GAIN: "certified gain",
  CLEAR: "no harm",
  OPEN: "undecided",
  HARM: "harm",
};

/** `+45.0 points [+30.5, +59.4], noise floor ±8.1`; of a fork, on its clusters. */
export function effectLine(verdict: VerdictRecord): Html {
  const { effect, interval, noiseFloor, trials, scopeEffect, scope } = verdict;
  if (effect === undefined || !interval)
    return html`<p class="soft">${plural(trials, "trial")} so far.</p>`;
  if (trials === 0) return html`<p class="soft">Decided without a trial.</p>`;
  const noise = `${floorWords(noiseFloor)}, ${plural(trials, "trial")}`;
  if (scopeEffect && scope)
    return html`<p>
      <strong>${points(scopeEffect.mean)} points</strong> ${pointRange(scopeEffect.interval)} on
      validation tasks of ${cut(scope.join(", "), 200)} (over all clusters it would be
      ${points(effect)}), ${noise}
    </p>`;
  return html`<p>
    <strong>${points(effect)} points</strong> ${pointRange(interval)} on validation, ${noise}
  </p>`;
}

/** `6 checks passed, 3 do not apply`; what failed is named. */
export function checksInWords({ checks }: VerdictRecord): string {
  const passed = checks.filter(({ result }) => result === "pass").length;
  const beside = checks.filter(({ result }) => result === "not_applicable").length;
  const failed = checks.filter(({ result }) => result === "fail" || result === "no_coverage");
  return [
    `${plural(passed, "check")} of the gate passed`,
    ...(failed.length > 0
      ? [`not passed: ${failed.map(({ check }) => plain(check)).join(", ")}`]
      : []),
    ...(beside > 0 ? [`${beside} did not apply`] : []),
  ].join(", ");
}

/** The table that a verdict stands on. */
export function checksTable({ id, checks }: VerdictRecord): Html | undefined {
  if (checks.length === 0) return undefined;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Checks of ${id}">
    <table>
      <thead>
        <tr>
          <th scope="col">check</th>
          <th scope="col">result</th>
          <th scope="col">found</th>
          <th scope="col">counts</th>
        </tr>
      </thead>
      <tbody>
        ${checks.map(
          ({ check, result, detail, counts }) =>
            html`<tr>
              <th scope="row">${plain(check)}</th>
              <td>${badge(resultTone[result], plain(result))}</td>
              <td class="text">${cut(detail, 300)}</td>
              <td class="text">${countsOf(counts)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function clustersTable({ id, clusters, scope }: VerdictRecord): Html | undefined {
  if (clusters.length === 0) return undefined;
  const share = ({ passed, trials }: ClusterRecord["candidate"]): string =>
    trials === 0 ? "–" : `${passed}/${trials} (${percent(passed / trials)})`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Clusters of ${id}">
    <table>
      <caption>
        Validation tasks by cluster. Single tasks are known to the gate alone.
      </caption>
      <thead>
        <tr>
          <th scope="col">cluster</th>
          <th scope="col">state</th>
          <th scope="col" class="num">incumbent</th>
          <th scope="col" class="num">candidate</th>
          <th scope="col" class="num">won</th>
          <th scope="col" class="num">lost</th>
          <th scope="col" class="num">tied</th>
        </tr>
      </thead>
      <tbody>
        ${clusters.map(
          (cluster) =>
            html`<tr>
              <th scope="row">
                ${cut(cluster.id, 80)}${scope?.includes(cluster.id) && html` ${badge("good", "in scope")}`}
              </th>
              <td>
                ${badge(clusterTone[cluster.state], clusterWords[cluster.state])}${cluster.watch && html` ${badge("warn", "watched")}`}
              </td>
              <td class="num">${share(cluster.incumbent)}</td>
              <td class="num">${share(cluster.candidate)}</td>
              <td class="num">${cluster.won}</td>
              <td class="num">${cluster.lost}</td>
              <td class="num">${cluster.tied}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const replayWords = {
  identical: ["good", "replayed: identical to the byte"],
  different: ["bad", "replayed: NOT identical"],
  none: ["mute", "nothing to replay yet"],
} as const;

/** One certification in full. */
export function verdictCard(record: EvolutionRecord, verdict: VerdictRecord): Html {
  const [tone, words] = replayWords[verdict.replay];
  const members = verdict.candidates.flatMap((key) => {
    const found = record.candidates.find((candidate) => candidate.key === key);
    return found ? [found] : [];
  });
  const rate = ({ rate: share, interval, trials }: VerdictRecord["candidate"]): string =>
    trials === 0
      ? "not measured"
      : `${percent(share)} ${range(interval)} of ${plural(trials, "trial")}`;
  const lost = verdict.collapsed;
  return html`<details class="card long" id="${anchor("verdict", verdict.id)}">
    <summary>
      <h3>${verdict.id}</h3>
      ${badge(decisionTone(verdict.decision), decisionWords[verdict.decision])}${badge(tone, words)}<span
        class="soft small"
        >round ${verdict.round}, variant ${cut(verdict.variant, 60)} ·
        ${cut(verdict.reason, 200)}</span
      >
    </summary>
    ${effectLine(verdict)}
    <dl>
      <dt>Candidates</dt>
      <dd>
        ${members.length === 0 ? verdict.candidates.join(", ") : members.map((candidate, at) => html`${at > 0 && ", "}${linkTo(candidate)}`)}
      </dd>
      <dt>Incumbent</dt>
      <dd>${rate(verdict.incumbent)}</dd>
      <dt>With the change</dt>
      <dd>${rate(verdict.candidate)}</dd>
      <dt>Rule</dt>
      <dd>
        ${verdict.rule}${verdict.alpha !== undefined && `, level ${Number(verdict.alpha.toPrecision(3))}`},
        ${plural(verdict.tasks, "validation task")}
      </dd>
      ${
        verdict.scope &&
        html`<dt>Scope</dt>
          <dd>
            ${cut(verdict.scope.join(", "), 400)}${verdict.scopeEffect && `: ${points(verdict.scopeEffect.mean)} points ${pointRange(verdict.scopeEffect.interval)}`}
          </dd>`
      }${
        lost > 0 &&
        html`<dt>Solved tasks lost</dt>
          <dd>${badge("bad", String(lost))}</dd>`
      }
    </dl>
    ${checksTable(verdict)} ${clustersTable(verdict)}
  </details>`;
}

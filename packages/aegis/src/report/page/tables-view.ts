import { groupBy } from "../../statistics/group.ts";
import type { EvolutionRecord, GridRow, RunRecord, VersionRecord } from "../types.ts";
import { cut, html, type Html } from "./html.ts";
import {
  badge,
  count,
  floorWords,
  money,
  percent,
  plural,
  points,
  pointRange,
  policyWords,
  range,
} from "./words.ts";

/** Something wide that scrolls by itself, with the keyboard too. */
export const scroll = (label: string, content: Html): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${content}</div>`;

/** The numbers of the score chart. */
export function scoreTable({ versions }: EvolutionRecord): Html {
  return scroll(
    "Scores by version",
    html`<table>
      <thead>
        <tr>
          <th scope="col">version</th>
          <th scope="col">split</th>
          <th scope="col">measured in</th>
          <th scope="col" class="num">pass rate</th>
          <th scope="col" class="num">95 % interval</th>
          <th scope="col" class="num">trials</th>
          <th scope="col" class="num">tasks</th>
        </tr>
      </thead>
      <tbody>
        ${versions.flatMap(({ label, scores }) =>
          scores.map(
            ({ split, source, rate, interval, trials, tasks }) =>
              html`<tr>
                <th scope="row">${label}</th>
                <td>${split}</td>
                <td>${cut(source, 40)}</td>
                <td class="num">${percent(rate)}</td>
                <td class="num">${range(interval)}</td>
                <td class="num">${count(trials)}</td>
                <td class="num">${count(tasks)}</td>
              </tr>`,
          ),
        )}
      </tbody>
    </table>`,
  );
}

/** Seed, best-of-n of the seed and the evolved harness on the sealed tasks. */
export function sealedView({ run, policy, sealed }: RunRecord): Html | undefined {
  if (!sealed) return undefined;
  return html`<p class="small soft">
      Run ${run}: ${plural(sealed.tasks, "task")} that no stage and no verdict has seen, played
      once. Policy: ${policyWords[policy]}. The ${floorWords(sealed.noiseFloor)} points.
    </p>
    ${scroll(
      "Sealed tasks, run " + String(run),
      html`<table>
        <thead>
          <tr>
            <th scope="col">harness</th>
            <th scope="col" class="num">pass rate</th>
            <th scope="col" class="num">95 % interval</th>
            <th scope="col" class="num">evolved is better by</th>
            <th scope="col" class="num">rollouts</th>
            <th scope="col" class="num">tokens per answer</th>
            <th scope="col" class="num">price per answer</th>
          </tr>
        </thead>
        <tbody>
          ${sealed.arms.map((arm) => {
            const gain = sealed.gains.find(({ over }) => over === arm.name);
            return html`<tr>
              <th scope="row">${cut(arm.name, 60)}</th>
              <td class="num">${percent(arm.passRate)}</td>
              <td class="num">${range(arm.interval)}</td>
              <td class="num">
                ${gain ? `${points(gain.mean)} ${pointRange(gain.interval)}` : "–"}
              </td>
              <td class="num">${count(arm.rollouts)}</td>
              <td class="num">${count(arm.tokens)}</td>
              <td class="num">${money(arm.costUsd)}</td>
            </tr>`;
          })}
        </tbody>
      </table>`,
    )}`;
}

/** Train tasks against versions; a sign and a count in every cell, colour besides. */
export function gridView({ grid, versions }: EvolutionRecord): Html {
  const played = versions.filter(
    ({ id }, at) =>
      grid.some(({ outcomes }) => outcomes[id]) &&
      versions.findIndex((one) => one.id === id) === at,
  );
  if (grid.length === 0 || played.length === 0)
    return html`<p class="soft">No rollouts of train tasks are in the artefacts.</p>`;
  const groups = [...groupBy(grid, ({ cluster }) => cluster)];
  const head = html`<thead>
    <tr>
      <th scope="col">task</th>
      ${played.map(({ label }) => html`<th scope="col" class="cell">${label}</th>`)}
    </tr>
  </thead>`;
  return html`<p class="small soft">
      Train tasks alone: passes of all trials under each version.
      <span class="nowrap">● all</span> · <span class="nowrap">◐ some</span> ·
      <span class="nowrap">○ none</span>. Validation stands as counts by cluster with each verdict.
    </p>
    ${scroll(
      "Clusters by version",
      html`<table class="grid">
        <caption>
          By cluster
        </caption>
        ${head}
        <tbody>
          ${groups.map(
            ([cluster, rows]) =>
              html`<tr>
                <th scope="row">${cut(cluster, 80)} <span class="soft">(${rows.length})</span></th>
                ${played.map((version) => cell(rows, version))}
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
    <details>
      <summary>All ${plural(grid.length, "train task")}</summary>
      ${scroll(
        "Tasks by version",
        html`<table class="grid">
          ${head}${groups.map(
            ([cluster, rows]) =>
              html`<tbody>
                <tr class="group">
                  <th scope="rowgroup" colspan="${played.length + 1}">${cut(cluster, 80)}</th>
                </tr>
                ${rows.map(
                  (row) =>
                    html`<tr>
                      <th scope="row">
                        ${row.text === undefined ? html`<code>${row.task.slice(0, 16)}</code>` : cut(row.text, 120)}
                      </th>
                      ${played.map((version) => cell([row], version))}
                    </tr>`,
                )}
              </tbody>`,
          )}
        </table>`,
      )}
    </details>`;
}

function cell(rows: readonly GridRow[], { id }: VersionRecord): Html {
  const own = rows.flatMap(({ outcomes }) => (Object.hasOwn(outcomes, id) ? [outcomes[id]!] : []));
  const sum = (of: "passed" | "trials" | "infra"): number =>
    own.reduce((total, one) => total + one[of], 0);
  const [passed, trials, infra] = [sum("passed"), sum("trials"), sum("infra")];
  if (trials === 0) return html`<td class="cell soft">–</td>`;
  const [tone, sign] =
    passed === trials ? ["good", "●"] : passed === 0 ? ["bad", "○"] : ["warn", "◐"];
  return html`<td class="cell">
    <span class="${tone}">${sign} ${passed}/${trials}${infra > 0 && ` (${infra} infra)`}</span>
  </td>`;
}

/** Rollouts, tokens and price by stage, with a bar for the rollouts. */
export function spendView({ spend }: EvolutionRecord): Html {
  const most = Math.max(1, ...spend.stages.map(({ rollouts }) => rollouts));
  const bar = (rollouts: number): Html =>
    html`<svg class="bars" width="80" height="12" viewBox="0 0 80 12" aria-hidden="true">
      <rect x="0" y="1" height="10" width="${Math.round((80 * rollouts) / most)}" />
    </svg>`;
  return html`${spend.partial && html`<p>${badge("warn", "incomplete")} A run was cut off, is going on, or left no report: screening is not counted, the sums are lower bounds.</p>`}
  ${scroll(
    "Spend by stage",
    html`<table>
      <thead>
        <tr>
          <th scope="col">stage</th>
          <th scope="col" class="num">rollouts</th>
          <th scope="col"><span class="soft">share</span></th>
          <th scope="col" class="num">tokens</th>
          <th scope="col" class="num">price</th>
        </tr>
      </thead>
      <tbody>
        ${spend.stages.map(
          ({ stage, rollouts, tokens, costUsd }) =>
            html`<tr>
              <th scope="row">${cut(stage, 40)}</th>
              <td class="num">${count(rollouts)}</td>
              <td>${bar(rollouts)}</td>
              <td class="num">${tokens === undefined ? "–" : count(tokens)}</td>
              <td class="num">${costUsd === undefined ? "–" : money(costUsd)}</td>
            </tr>`,
        )}
        <tr>
          <th scope="row">all</th>
          <td class="num"><strong>${count(spend.rollouts)}</strong></td>
          <td></td>
          <td class="num">${count(spend.tokens)}</td>
          <td class="num">${money(spend.costUsd)}</td>
        </tr>
      </tbody>
    </table>`,
  )}`;
}

import type { EvolutionRecord } from "../types.ts";
import { cut, html, type Html } from "./html.ts";
import { badge, floorWords, plain, plural, policyWords, shortHash } from "./words.ts";

/** Variants beside `main`. */
export function variantsView({ variants }: EvolutionRecord): Html | undefined {
  const others = variants.filter(({ id }) => id !== "main");
  if (others.length === 0) return undefined;
  return html`<h3>Variants</h3>
    <div class="scroll" tabindex="0" role="region" aria-label="Variants">
      <table>
        <thead>
          <tr>
            <th scope="col">variant</th>
            <th scope="col">from</th>
            <th scope="col">clusters</th>
            <th scope="col">state</th>
          </tr>
        </thead>
        <tbody>
          ${others.map(
            ({ id, parent, scope, state, why }) =>
              html`<tr>
                <th scope="row">${cut(id, 60)}</th>
                <td>${cut(parent ?? "main", 60)}</td>
                <td class="text">${cut(scope === "all" ? "all" : scope.join(", "), 300)}</td>
                <td class="text">
                  ${badge(state === "standing" ? "good" : "mute", state)}${why !== undefined && ` ${cut(why, 200)}`}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

/** What happened, with what is to be looked at first. */
export function happeningsView({ happenings }: EvolutionRecord): Html {
  const alarms = happenings.filter(({ alarm }) => alarm);
  const item = ({ seq, kind, text, alarm }: EvolutionRecord["happenings"][number]): Html =>
    html`<li>
      ${badge(alarm ? "bad" : "mute", kind)} ${cut(text, 400)}
      <span class="soft small">entry ${seq}</span>
    </li>`;
  return html`${
      alarms.length > 0 &&
      html`<h3>Alarms and undoing</h3>
        <ul class="findings">
          ${alarms.map(item)}
        </ul>`
    }
    <details>
      <summary>Everything that happened, in order</summary>
      <ul class="findings">
        ${happenings.map(item)}
      </ul>
    </details>`;
}

/** Where all of it comes from, and what is missing. */
export function provenanceView({ runs, rounds, gaps, journal }: EvolutionRecord): Html {
  return html`<dl>
      <dt>Journal</dt>
      <dd>
        <code>${journal.path}</code>,
        ${plural(journal.entries, "entry").replace("entrys", "entries")}, chain intact; last hash
        <code title="${journal.head}">${shortHash(journal.head)}</code>
      </dd>
      ${runs.map(
        (run) =>
          html`<dt>Run ${run.run}</dt>
            <dd>
              ${cut(run.suite, 80)} (verifier <code>${cut(run.verifier, 60)}</code>), data:
              ${cut(run.data, 200)}, model ${cut(run.model, 80)}, ${policyWords[run.policy]}, seed
              ${run.seed}.
              ${run.floor ? `${floorWords(run.floor.halfWidth)} points over ${plural(run.floor.pairs, "pair")}, ${(100 * run.floor.flips).toFixed(1)} % of them differ.` : "The noise floor was not measured."}
              ${run.end ? `Ended: ${cut(run.end.why, 200)}.` : html`${badge("warn", "not ended")}`}
            </dd>`,
      )}
      ${rounds.map(
        (round) =>
          html`<dt>Round ${round.round}</dt>
            <dd>
              variant
              ${cut(round.variant, 60)}${round.actionability !== undefined && `, actionability ${round.actionability.toFixed(2)}`}${
                round.categories.length > 0 &&
                `, failures: ${round.categories
                  .slice(0, 6)
                  .map(({ category, episodes }) => `${plain(category)} ${episodes}`)
                  .join(", ")}`
              }${round.stages.length > 0 && `, stages by ${[...new Set(round.stages.map(({ by }) => by))].join(" and ")}`}${round.alerts.length > 0 && html` ${badge("warn", cut(round.alerts.join("; "), 200))}`}
            </dd>`,
      )}
    </dl>
    ${
      gaps.length > 0 &&
      html`<h3>Missing or changed artefacts</h3>
        <ul class="findings">
          ${gaps.slice(0, 100).map(({ path, problem }) => html`<li><code>${cut(path, 200)}</code> ${cut(problem, 300)}</li>`)}
        </ul>`
    }`;
}

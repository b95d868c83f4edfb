import { createHash } from "node:crypto";
import { ancestry } from "../lineage.ts";
import type { EvolutionRecord, VersionRecord } from "../types.ts";
import {
  candidateBody,
  candidateCard,
  idOnce,
  verdictLinks,
  type PageContext,
} from "./candidate-view.ts";
import { effectChart, scoreChart } from "./charts.ts";
import { contents, headlineView, titleOf } from "./headline-view.ts";
import { happeningsView, provenanceView, variantsView } from "./history-view.ts";
import { anchor, cut, Html, html } from "./html.ts";
import { lineageTree } from "./lineage-view.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";
import { gridView, scoreTable, scroll, sealedView, spendView } from "./tables-view.ts";
import { checksInWords, checksTable, effectLine, verdictCard } from "./verdict-view.ts";
import { badge, operatorName, outcomeTone, outcomeWords } from "./words.ts";

export interface RenderOptions {
  /**
   * Relative path from the page's folder to the workspace, for links into traces; `""` when they are
   * one. Without it traces are named, not linked.
   */
  readonly workspace?: string;
}

/** Characters of generated source that one page holds; the rest is in the artefacts. */
const MOST_SOURCE = 700_000;

const digest = (text: string): string => createHash("sha256").update(text).digest("base64");

/** Nothing is fetched, sent or embedded; of styles and scripts the page's own alone. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${digest(style)}'`,
  `script-src 'sha256-${digest(script)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** What a policy's hash covers is everything between the tags, white space too. */
const element = (name: "style" | "script", content: string): Html =>
  new Html(`<${name}>${content}</${name}>`);

/** Renders a record as one self-contained HTML page, which reads without scripts too. */
export function renderReport(record: EvolutionRecord, options: RenderOptions = {}): string {
  const context: PageContext = {
    record,
    workspace: options.workspace === undefined ? undefined : prefix(options.workspace),
    room: { left: MOST_SOURCE },
    anchors: new Set(),
  };
  const changed = new Set(record.headline.changes);
  const others = record.candidates.filter(({ key }) => !changed.has(key));
  const sealed = record.runs.filter(({ sealed: result }) => result);
  const effects = effectChart(record);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="HarnessX" />
        <title>${titleOf(record)}</title>
        ${element("style", style)}
      </head>
      <body>
        ${headlineView(record)}
        <main>
          ${contents(record)}
          <p>
            <button id="toggle" type="button" aria-pressed="false" hidden>Open all details</button>
          </p>
          <section aria-labelledby="changes">
            <h2 id="changes">What changed, and why</h2>
            ${changesView(context)}
          </section>
          <section aria-labelledby="scores">
            <h2 id="scores">Scores</h2>
            <div class="charts">
              ${
                effects &&
                html`<div>
                  <h3>Difference by verdict</h3>
                  <p class="small soft">
                    Blue squares were let through, red ones refused, grey ones left open, green
                    diamonds are sealed tasks.
                  </p>
                  ${scroll("Chart of differences", effects)}
                </div>`
              }
              <div>
                <h3>Pass rate by version</h3>
                <p class="small soft">Each mark is one measurement.</p>
                ${scroll("Chart of pass rates", scoreChart(record))}
              </div>
            </div>
            <p class="small soft">
              Lines are 95 % intervals. Grey bands are the noise floor: what two measurements of one
              harness differ by, in the second chart around v0 on validation.
            </p>
            <details>
              <summary>The numbers</summary>
              ${scoreTable(record)}
            </details>
          </section>
          ${
            sealed.length > 0 &&
            html`<section aria-labelledby="sealed">
              <h2 id="sealed">Sealed tasks</h2>
              ${sealed.map(sealedView)}
            </section>`
          }
          <section aria-labelledby="lineage">
            <h2 id="lineage">Lineage</h2>
            ${scroll("Lineage tree", lineageTree(record))}
            ${variantsView(record)}${happeningsView(record)}
          </section>
          <section aria-labelledby="verdicts">
            <h2 id="verdicts">Verdicts</h2>
            ${record.verdicts.length === 0 ? html`<p class="soft">Nothing was certified or refused.</p>` : record.verdicts.map((verdict) => verdictCard(record, verdict))}
          </section>
          <section aria-labelledby="tasks">
            <h2 id="tasks">Tasks by version</h2>
            ${gridView(record)}
          </section>
          <section aria-labelledby="others">
            <h2 id="others">Other candidates</h2>
            ${others.length === 0 ? html`<p class="soft">There were none.</p>` : others.map((candidate) => candidateCard(context, candidate))}
          </section>
          <section aria-labelledby="spend">
            <h2 id="spend">Spend</h2>
            ${spendView(record)}
          </section>
          <section aria-labelledby="provenance">
            <h2 id="provenance">Provenance</h2>
            ${provenanceView(record)}
          </section>
        </main>
        <footer>
          <p>
            Made from the journal by <code>hx evolve report</code>. The page holds no other site's
            content and sends nothing.
          </p>
        </footer>
        ${element("script", script)}
      </body>
    </html> `;
  return page.source;
}

/** A relative prefix that cannot become a scheme or a host. */
function prefix(workspace: string): string {
  const parts = workspace.split(/[\\/]+/).filter((part) => part !== "" && part !== ".");
  return `./${parts.map((part) => `${encodeURIComponent(part)}/`).join("")}`;
}

/** What stands now, version by version, each with its reason and its evidence. */
function changesView(context: PageContext): Html | Html[] {
  const { record } = context;
  const { headline } = record;
  const current = record.versions.filter(({ state }) => state === "current");
  const alive = new Set(current.flatMap((version) => ancestry(record.versions, version)));
  const standing = record.versions.filter(
    (version) => alive.has(version) && version.verdict !== undefined,
  );
  if (standing.length === 0)
    return html`<p>
      ${headline.state === "rolled_back" ? "What had been installed was taken back; see the lineage." : "No candidate was certified, so harness.json is as it was. What was tried stands under “Other candidates”."}
    </p>`;
  return standing.map((version) => changeView(context, version));
}

function changeView(context: PageContext, version: VersionRecord): Html {
  const { record } = context;
  const verdict = record.verdicts.find(({ id }) => id === version.verdict)!;
  const members = record.candidates.filter(({ key }) => verdict.candidates.includes(key));
  const where =
    version.scope === "all"
      ? "harness.json"
      : `variant ${version.variant}, for ${version.scope.join(", ")}`;
  return html`<article class="card long">
    <h3>${version.label} <span class="soft small">${cut(where, 200)}</span></h3>
    ${effectLine(verdict)}
    <details>
      <summary>On what evidence: ${checksInWords(verdict)} (${verdict.id})</summary>
      ${checksTable(verdict)}
      <p class="small">
        <a href="#${anchor("verdict", verdict.id)}">The whole verdict, with its clusters</a>
      </p>
    </details>
    ${members.map(
      (candidate) =>
        html`<section ${idOnce(context, candidate)}>
          <h3>
            ${cut(operatorName(candidate.operator), 80)}
            ${badge(outcomeTone(candidate.outcome), outcomeWords[candidate.outcome])}
          </h3>
          ${candidateBody(context, candidate)}${verdictLinks(candidate)}
        </section>`,
    )}
  </article>`;
}

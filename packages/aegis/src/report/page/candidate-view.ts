import type { CandidateRecord, EvidenceRecord, EvolutionRecord, PackageRecord } from "../types.ts";
import { anchor, cut, html, type Html } from "./html.ts";
import {
  badge,
  count,
  operatorName,
  outcomeTone,
  outcomeWords,
  percent,
  plain,
  plural,
  points,
} from "./words.ts";

/** What all cards of a page share. */
export interface PageContext {
  readonly record: EvolutionRecord;
  /** Path from the page to the workspace, with a slash at its end, for links into traces. */
  readonly workspace: string | undefined;
  /** Characters of source text that the page may still hold. */
  readonly room: { left: number };
  /** Anchors that the page has given out: each may stand once. */
  readonly anchors: Set<string>;
}

/** The `id` attribute of a candidate's first appearance. */
export function idOnce({ anchors }: PageContext, { key }: CandidateRecord): Html | undefined {
  const id = anchor("candidate", key);
  if (anchors.has(id)) return undefined;
  anchors.add(id);
  return html`id="${id}"`;
}

const LONGEST_FILE = 24_000;
const MOST_EVIDENCE = 5;

/** A candidate: why, on what evidence, what it does, and what was said of it. */
export function candidateBody(context: PageContext, candidate: CandidateRecord): Html {
  return html`<p class="why">${cut(candidate.mechanism, 500)}</p>
    <p class="small soft">
      Against <strong>${plain(cut(candidate.pathology, 80))}</strong>, in
      ${candidate.dims.map(plain).join(", ")}. Predicted: ${points(candidate.predict.delta / 100)}
      points, ${plural(candidate.predict.unlock, "task")} unlocked, ${candidate.predict.atRisk} at
      risk, cost × ${candidate.predict.costRatio}.
    </p>
    ${evidenceView(context, candidate)} ${checksLine(candidate)}
    <details>
      <summary>Edit of harness.json</summary>
      <pre
        class="diff"
      ><code>${candidate.diff.map(({ sign, text }) => (sign === " " ? html`<i>@ ${cut(text, 400)}</i> ` : sign === "+" ? html`<ins>+ ${cut(text, 400)}</ins> ` : html`<del>- ${cut(text, 400)}</del> `))}</code></pre>
    </details>
    ${candidate.packages.map((one) => packageView(context, one))}`;
}

function evidenceView(context: PageContext, { evidence }: CandidateRecord): Html {
  if (evidence.length === 0) return html`<p>${badge("bad", "cites no evidence")}</p>`;
  const item = (one: EvidenceRecord): Html => html`<li>${evidenceItem(context, one)}</li>`;
  const rest = evidence.slice(MOST_EVIDENCE);
  const there = evidence.find(({ path }) => path !== undefined);
  return html`<h4>Evidence in traces</h4>
    <ul class="evidence">
      ${evidence.slice(0, MOST_EVIDENCE).map(item)}
    </ul>
    ${
      rest.length > 0 &&
      html`<details>
        <summary>${plural(rest.length, "more reference")}</summary>
        <ul class="evidence">
          ${rest.map(item)}
        </ul>
      </details>`
    }
    ${there && html`<p class="small soft">Read one: <code>hx trace show ${cut(there.path!, 200)}</code></p>`}`;
}

function evidenceItem(
  { workspace }: PageContext,
  { trace, seq, quote, path }: EvidenceRecord,
): Html {
  const name = html`<code>${cut(trace, 12).slice(0, 12)}#${seq}</code>`;
  const link =
    path !== undefined && workspace !== undefined
      ? html`<a
          class="trace"
          href="${workspace}${path.split("/").map(encodeURIComponent).join("/")}"
          >${name}</a
        >`
      : name;
  const words =
    quote === undefined
      ? badge("warn", "the digest holds no such quotation")
      : html`<q class="quote">${cut(quote, 220)}</q>`;
  const gone = path === undefined ? " (the trace file is gone)" : "";
  return html`${words}<span class="small soft">${link}${gone}</span>`;
}

function checksLine({ critiques, verified, screened, packages }: CandidateRecord): Html {
  const facts = [
    ...critiques.map(({ decision, findings }) => ({
      name: "Critic",
      mark: badge(decision === "accept" ? "good" : "bad", decision),
      findings,
    })),
    ...(verified
      ? [
          {
            name: "Verification",
            mark: badge(verified.ok ? "good" : "bad", verified.ok ? "passed" : "failed"),
            findings: verified.findings,
          },
        ]
      : []),
  ];
  return html`<dl>
      ${facts.map(
        ({ name, mark, findings }) =>
          html`<dt>${name}</dt>
            <dd>${mark}${list(findings)}</dd>`,
      )}${
        screened &&
        html`<dt>Screening on train</dt>
          <dd>
            ${badge(screened.taken ? "good" : "warn", screened.taken ? "taken" : "left out")}
            ${points(screened.mean / 100)} points, better with probability
            ${percent(screened.better)}
          </dd>`
      }
    </dl>
    ${packages.map(verificationView)}`;
}

const list = (findings: readonly string[]): Html | undefined =>
  findings.length === 0
    ? undefined
    : html`<ul class="findings">
        ${findings.slice(0, 20).map((finding) => html`<li>${cut(finding, 500)}</li>`)}
      </ul>`;

const checkTone = {
  pass: "good",
  fail: "bad",
  no_coverage: "warn",
  not_applicable: "mute",
} as const;

function verificationView({ name, checks }: PackageRecord): Html | undefined {
  if (checks.length === 0) return undefined;
  const passed = checks.filter(({ ok }) => ok).length;
  return html`<details>
    <summary>
      ${passed} of ${plural(checks.length, "verification check")} passed: ${cut(name, 80)}
    </summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Verification of ${name}">
      <table>
        <thead>
          <tr>
            <th scope="col">check</th>
            <th scope="col">result</th>
            <th scope="col">looked at</th>
            <th scope="col">findings</th>
          </tr>
        </thead>
        <tbody>
          ${checks.map(
            ({ check, status, ok, counts, findings }) =>
              html`<tr>
                <th scope="row">${check}</th>
                <td>
                  ${badge(checkTone[status] ?? (ok ? "good" : "bad"), plain(status ?? (ok ? "pass" : "fail")))}
                </td>
                <td>${countsOf(counts ?? {})}</td>
                <td class="text">${list(findings)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

/** `12 won, 3 lost`. */
export const countsOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, value]) => `${Number.isInteger(value) ? count(value) : value} ${plain(name)}`)
    .join(", ");

function packageView({ room }: PageContext, { name, version, files }: PackageRecord): Html {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const title = html`Package <code>${cut(name, 100)}</code> ${cut(version, 30)}`;
  if (files.length === 0)
    return html`<p class="small">
      ${title}: ${badge("warn", "its files are not in the artefacts")}
    </p>`;
  return html`<details>
    <summary>${title}: ${plural(files.length, "file")}, ${count(bytes)} bytes</summary>
    ${files.map((file) => {
      const length = Math.min(LONGEST_FILE, room.left);
      const shown = file.text.slice(0, length);
      room.left -= shown.length;
      const left = file.cut || shown.length < file.text.length;
      return html`<details>
        <summary><code>${cut(file.path, 200)}</code> ${count(file.bytes)} bytes</summary>
        <pre tabindex="0"><code>${shown}</code></pre>
        ${left && html`<p class="small">${badge("warn", "cut")} The rest is in the candidate's artefact.</p>`}
      </details>`;
    })}
  </details>`;
}

/** A candidate that did not make it, closed until somebody asks. */
export const candidateCard = (context: PageContext, candidate: CandidateRecord): Html =>
  html`<details class="card long" ${idOnce(context, candidate)}>
    <summary>
      <h3>${cut(operatorName(candidate.operator), 80)}</h3>
      ${badge(outcomeTone(candidate.outcome), outcomeWords[candidate.outcome])}<span
        class="soft small"
        >round ${candidate.round}${reasonOf(context, candidate)}</span
      >
    </summary>
    ${candidateBody(context, candidate)}${verdictLinks(candidate)}
  </details>`;

/** The first thing that spoke against it. */
function reasonOf({ record }: PageContext, candidate: CandidateRecord): string {
  const { critiques, verified, screened, verdicts, outcome } = candidate;
  const verdict = record.verdicts.find(({ id }) => id === verdicts.at(-1));
  const reason =
    outcome === "criticised"
      ? critiques.at(-1)?.findings[0]
      : outcome === "invalid"
        ? verified?.findings[0]
        : outcome === "screened_out" && screened
          ? `${points(screened.mean / 100)} points on train`
          : verdict?.reason;
  return reason === undefined ? "" : ` · ${cut(reason, 160)}`;
}

export const verdictLinks = ({ verdicts }: CandidateRecord): Html | undefined =>
  verdicts.length === 0
    ? undefined
    : html`<p class="small">
        Judged in
        ${verdicts.map((id, at) => html`${at > 0 && ", "}<a href="#${anchor("verdict", id)}">${id}</a>`)}
      </p>`;

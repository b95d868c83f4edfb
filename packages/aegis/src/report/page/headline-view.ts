import type { CandidateRecord, EvolutionRecord, HeadlineRecord } from "../types.ts";
import { anchor, cut, html, type Html } from "./html.ts";
import {
  badge,
  count,
  duration,
  floorWords,
  money,
  operatorName,
  plural,
  points,
  pointRange,
  policyWords,
  shortHash,
} from "./words.ts";

/** The first screen: what changed, by how much, whether it is certified, and at what cost. */
export function headlineView(record: EvolutionRecord): Html {
  const { headline } = record;
  const run = record.runs.at(-1);
  return html`<header>
    <p class="eyebrow">HarnessX evolution report</p>
    <h1>${titleOf(record)}</h1>
    <ul class="labels">
      ${
        run
          ? html`<li>${badge("mute", `suite ${cut(run.suite, 60)}`)}</li>
              <li>${badge("mute", `data: ${cut(run.data, 120)}`)}</li>
              <li>${badge(run.policy === "model" ? "mute" : "warn", policyWords[run.policy])}</li>
              <li>${badge("mute", `model ${cut(run.model, 60)}`)}</li>
              <li>${badge("mute", `seed ${run.seed}`)}</li>`
          : html`<li>${badge("warn", "the journal does not say which suite, data and model")}</li>`
      }${headline.unfinished && html`<li>${badge("warn", "unfinished: the run is going on or was cut off")}</li>`}
    </ul>
    <div class="facts">
      ${changedFact(record)} ${effectFact(record)} ${certifiedFact(record)} ${costFact(record)}
    </div>
  </header>`;
}

/** The headline as a sentence; also the page's title. */
export function titleOf({ headline, runs }: EvolutionRecord): string {
  const { state, effect, unfinished } = headline;
  if (state === "rolled_back") return "What was installed has been rolled back";
  if (state === "unchanged")
    return unfinished
      ? "Nothing has changed so far"
      : "No change held up, the harness is as it was";
  if (!effect) return "The harness was changed";
  const simulated = runs.some(({ policy }) => policy === "rule" || policy === "scripted");
  const by = Math.abs(100 * effect.mean).toFixed(1);
  return `The harness passes ${by} points ${effect.mean < 0 ? "fewer" : "more"} of the ${effect.split} tasks${simulated ? " (simulated)" : ""}`;
}

const fact = (title: string, big: string, body: Html): Html =>
  html`<section class="fact">
    <h2>${title}</h2>
    <p class="big">${big}</p>
    ${body}
  </section>`;

const MOST_CHANGES = 5;

function changedFact({ headline, candidates, versions }: EvolutionRecord): Html {
  const { changes, from, to } = headline;
  const made = changes.flatMap((key) => {
    const found = candidates.find((candidate) => candidate.key === key);
    return found ? [found] : [];
  });
  const line = html`<p class="small soft">
    <code title="${from}">${shortHash(from)}</code> → <code title="${to}">${shortHash(to)}</code>,
    ${plural(versions.length, "version")}
  </p>`;
  if (made.length === 0) return fact("What changed", "Nothing", line);
  const more = made.length - MOST_CHANGES;
  return fact(
    "What changed",
    plural(made.length, "change"),
    html`<ul>
        ${made.slice(0, MOST_CHANGES).map((candidate) => html`<li>${linkTo(candidate)}</li>`)}${more > 0 && html`<li>and ${more} more</li>`}
      </ul>
      ${line}`,
  );
}

export const linkTo = (candidate: CandidateRecord): Html =>
  html`<a href="#${anchor("candidate", candidate.key)}"
    >${cut(operatorName(candidate.operator), 60)}</a
  >`;

function effectFact({ headline }: EvolutionRecord): Html {
  const { effect } = headline;
  if (!effect)
    return fact(
      "By how much",
      "No measured difference",
      html`<p class="small soft">No verdict let anything through.</p>`,
    );
  return fact(
    "By how much",
    `${points(effect.mean)} points`,
    html`<p>95 % interval <span class="nowrap">${pointRange(effect.interval)}</span></p>
      <p class="small soft">on ${effect.split} tasks, over ${cut(effect.over, 120)}</p>
      <p>${clearOf(effect)}</p>`,
  );
}

function clearOf({ mean, noiseFloor }: NonNullable<HeadlineRecord["effect"]>): Html {
  if (noiseFloor === undefined) return html`${badge("warn", floorWords(noiseFloor))}`;
  const clear = Math.abs(mean) > noiseFloor;
  return badge(
    clear ? "good" : "warn",
    `${clear ? "above" : "within"} the ${floorWords(noiseFloor)} points`,
  );
}

function certifiedFact({ headline, verdicts }: EvolutionRecord): Html {
  const { verdicts: ids, identical } = headline.certified;
  const refused = verdicts.filter(
    ({ decision }) => decision === "REJECT" || decision === "INCONCLUSIVE",
  ).length;
  const others = html`<p class="small soft">
    ${refused === 0 ? "No certification was refused." : `${plural(refused, "certification")} refused.`}
  </p>`;
  if (ids.length === 0) return fact("Is it certified?", "Nothing to certify", others);
  const links = ids.map(
    (id, at) => html`${at > 0 && ", "}<a href="#${anchor("verdict", id)}">${id}</a>`,
  );
  const whole = identical === ids.length;
  return fact(
    "Is it certified?",
    whole ? "Yes" : "Not reproducible",
    html`<p>${links}</p>
      <p class="small soft">
        ${badge(whole ? "good" : "bad", `${identical} of ${ids.length} replayed identically`)} from
        the journal. ${others}
      </p>`,
  );
}

function costFact({ spend }: EvolutionRecord): Html {
  const known = spend.stages.some(({ tokens }) => tokens !== undefined);
  return fact(
    "At what cost",
    plural(spend.rollouts, "rollout"),
    html`<p>
        ${known ? `${count(spend.tokens)} tokens, ` : ""}${money(spend.costUsd)}${spend.ms === undefined ? "" : `, ${duration(spend.ms)}`}
      </p>
      <p class="small soft">
        ${spend.partial ? "At least: not every stage was recorded. " : ""}<a href="#spend"
          >By stage</a
        >
      </p>`,
  );
}

/** What the reader can jump to. */
export const contents = (record: EvolutionRecord): Html =>
  html`<nav aria-label="Contents">
    <ul>
      <li><a href="#changes">Changes</a></li>
      <li><a href="#scores">Scores</a></li>
      ${record.runs.some(({ sealed }) => sealed) && html`<li><a href="#sealed">Sealed tasks</a></li>`}
      <li><a href="#lineage">Lineage</a></li>
      <li><a href="#verdicts">Verdicts</a></li>
      <li><a href="#tasks">Tasks</a></li>
      <li><a href="#others">Other candidates</a></li>
      <li><a href="#spend">Spend</a></li>
      <li><a href="#provenance">Provenance</a></li>
    </ul>
  </nav>`;

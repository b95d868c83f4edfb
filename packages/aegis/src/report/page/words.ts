import type { PolicyKind } from "@harnessx/core/plugin";
import type { CandidateOutcome, VerdictRecord } from "../types.ts";
import { html, type Html } from "./html.ts";

/* How numbers and kinds read on the page; the same in every locale. */

export const count = (value: number): string => Math.round(value).toLocaleString("en-US");

export const plural = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** A difference of shares in points, with a real minus sign. */
export const points = (delta: number): string =>
  `${delta < 0 ? "−" : "+"}${Math.abs(100 * delta).toFixed(1)}`;

export const range = ([low, high]: readonly [number, number]): string =>
  `[${percent(low)}, ${percent(high)}]`;

export const pointRange = ([low, high]: readonly [number, number]): string =>
  `[${points(low)}, ${points(high)}]`;

export const money = (usd: number): string =>
  usd === 0 ? "$0" : `$${usd.toFixed(usd < 0.1 ? 4 : 2)}`;

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

export const shortHash = (hash: string): string => hash.replace(/^sha256-/, "").slice(0, 12);

/** `repeat_without_progress` → `repeat without progress`. */
export const plain = (name: string): string => name.replaceAll(/[_-]+/g, " ");

/** `template:place-memory` → `place memory`. */
export const operatorName = (operator: string): string =>
  plain(operator.replace(/^[a-z]+:/, "")) || operator;

/** What answered in place of a language model, so that no number is taken for one of a model. */
export const policyWords: Readonly<Record<PolicyKind, string>> = {
  model: "language model",
  "tiny-policy": "tiny policy: a small trained network, no language model",
  rule: "rule: simulated, no model at all",
  oracle: "oracle: plays the recorded solution, no model at all",
  recorded: "recorded: replies of a language model played back",
  scripted: "scripted: simulated, no model at all",
};

export const outcomeWords: Readonly<Record<CandidateOutcome, string>> = {
  pending: "not decided",
  criticised: "rejected by the critic",
  invalid: "failed verification",
  screened_out: "no gain on train",
  inconclusive: "not certified",
  refuted: "rejected by the gate",
  forked: "certified for some clusters",
  certified: "certified",
  rolled_back: "certified, rolled back since",
};

export const decisionWords: Readonly<Record<VerdictRecord["decision"], string>> = {
  APPLY: "APPLY: certified, installed",
  FORK: "FORK: certified for some clusters",
  REJECT: "REJECT: refused",
  INCONCLUSIVE: "INCONCLUSIVE: not certified",
  PENDING: "PENDING: the run stopped before the verdict",
};

/** How good a word is, for its colour; never the only sign. */
export type Tone = "good" | "bad" | "warn" | "mute";

export const badge = (tone: Tone, text: string): Html =>
  html`<span class="badge ${tone}">${text}</span>`;

export const decisionTone = (decision: VerdictRecord["decision"]): Tone =>
  decision === "APPLY" || decision === "FORK" ? "good" : decision === "REJECT" ? "bad" : "warn";

export const outcomeTone = (outcome: CandidateOutcome): Tone =>
  outcome === "certified" || outcome === "forked"
    ? "good"
    : outcome === "pending" || outcome === "inconclusive" || outcome === "screened_out"
      ? "warn"
      : "bad";

/** `noise floor ±9.0`: what stands beside every delta. */
export const floorWords = (floor: number | undefined): string =>
  floor === undefined ? "noise floor not measured" : `noise floor ±${(100 * floor).toFixed(1)}`;

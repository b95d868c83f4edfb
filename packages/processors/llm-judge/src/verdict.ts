/** What a judge without the expected answer can tell. */
export const verdicts = [
  "plausible",
  "unsupported",
  "incomplete",
  "hedging",
  "wrong_format",
  "refused",
  "no_answer",
] as const;

/** One of the verdicts. */
export type JudgeVerdict = (typeof verdicts)[number];

/** A verdict as the judge gave it. */
export interface Judgement {
  readonly verdict: JudgeVerdict;
  /** In [0, 1]. */
  readonly score: number;
  /** In [0, 1]: how sure the judge is. */
  readonly confidence: number;
  readonly reason: string;
}

const MAX_REASON_CHARS = 1_000;

/** Reads the judge's answer; a text says what is wrong with it. */
export function readVerdict(text: string): Judgement | string {
  let answer: unknown;
  try {
    answer = JSON.parse(text.trim().replace(/^```(?:json)?\s*|\s*```$/g, ""));
  } catch {
    return "it is not one JSON object";
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer))
    return "it is not one JSON object";
  const { verdict, score, confidence, reason } = answer as Record<string, unknown>;
  if (!verdicts.includes(verdict as JudgeVerdict))
    return `verdict must be one of ${verdicts.join(", ")}`;
  if (!isShare(score)) return "score must be a number from 0 to 1";
  if (!isShare(confidence)) return "confidence must be a number from 0 to 1";
  if (typeof reason !== "string" || reason.trim() === "") return "reason must be a text";
  return {
    verdict: verdict as JudgeVerdict,
    score,
    confidence,
    reason: reason.trim().slice(0, MAX_REASON_CHARS),
  };
}

function isShare(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1;
}

import type { CheckStatus } from "./report.ts";

/** What one check came to, before it has its place in a report. */
export interface Outcome {
  readonly status: CheckStatus;
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly string[];
  /** Time ran out before it could be told. */
  readonly late?: boolean;
}

/** Passes when nothing was found. */
export const judged = (
  findings: readonly string[],
  counts: Readonly<Record<string, number>> = {},
): Outcome => ({ status: findings.length === 0 ? "pass" : "fail", counts, findings });

/** There was nothing to judge by, and there had to be. */
export const uncovered = (
  finding: string,
  counts: Readonly<Record<string, number>> = {},
): Outcome => ({ status: "no_coverage", counts, findings: [finding] });

/** There is nothing to judge, and that is as it should be. */
export const notApplicable: Outcome = { status: "not_applicable", counts: {}, findings: [] };

/** No verdict. */
export const late = (finding: string): Outcome => ({
  status: "no_coverage",
  counts: {},
  findings: [finding],
  late: true,
});

import { document, listOf, mapOf, number, record, text } from "../schema.ts";

/** The checks in the order in which they count; the first that fails ends the verification. */
export const verificationChecks = [
  "intake",
  "known-bad",
  "metadata",
  "source-policy",
  "leaks",
  "types",
  "build",
  "load",
  "conformance",
  "metamorphic",
  "own-tests",
  "replay",
  "answers",
  "capabilities",
  "mutants",
] as const;
export type VerificationCheck = (typeof verificationChecks)[number];

/** How a check ended; `no_coverage` means that there was nothing to judge by where there had to be. */
export type CheckStatus = "pass" | "fail" | "not_applicable" | "no_coverage";

/** One check and what it found. */
export interface CheckResult {
  readonly check: VerificationCheck;
  readonly status: CheckStatus;
  /** `pass` or `not_applicable`. */
  readonly ok: boolean;
  /** What was looked at, such as files, events or mutants. */
  readonly counts: Readonly<Record<string, number>>;
  /** One line each; empty when nothing was found. */
  readonly findings: readonly string[];
}

/** What the verification of one package came to. Checks after a failed one are missing. */
export interface VerificationReport {
  readonly v: 1;
  readonly package: string;
  readonly version: string;
  /** SHA-256 over the package's files. */
  readonly digest: string;
  /** SHA-256 over what its code does: layout, comments and versions aside. */
  readonly content: string;
  /** SHA-256 over what was allowed, refuted and held out. */
  readonly policy: string;
  /** SHA-256 over the rules and tools that judged: another verdict needs another one of these. */
  readonly toolchain: string;
  /** Of every choice that the checks made by chance. */
  readonly seed: number;
  readonly ok: boolean;
  /** Time ran out, which says nothing about the package: no verdict, verify again. */
  readonly retry: boolean;
  readonly checks: readonly CheckResult[];
}

const flag = { type: "boolean" } as const;

/** JSON Schema of a `VerificationReport`. */
export const verificationSchema = document(
  "Verification of a generated package",
  record({
    v: { const: 1 },
    package: text,
    version: text,
    digest: text,
    content: text,
    policy: text,
    toolchain: text,
    seed: number,
    ok: flag,
    retry: flag,
    checks: listOf(
      record({
        check: { enum: [...verificationChecks] },
        status: { enum: ["pass", "fail", "not_applicable", "no_coverage"] },
        ok: flag,
        counts: mapOf(number),
        findings: listOf(text),
      }),
    ),
  }),
);

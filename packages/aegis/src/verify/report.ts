import { document, listOf, record, text } from "../schema.ts";

/** The checks in the order in which they are made; the first that fails ends the verification. */
export const verificationChecks = [
  "intake",
  "metadata",
  "source-policy",
  "types",
  "build",
  "own-tests",
  "conformance",
] as const;
export type VerificationCheck = (typeof verificationChecks)[number];

/** One check and what it found. */
export interface CheckResult {
  readonly check: VerificationCheck;
  readonly ok: boolean;
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
  /** SHA-256 over the rules and tools that judged: another verdict needs another one of these. */
  readonly toolchain: string;
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
}

/** JSON Schema of a `VerificationReport`. */
export const verificationSchema = document(
  "Verification of a generated package",
  record({
    v: { const: 1 },
    package: text,
    version: text,
    digest: text,
    toolchain: text,
    ok: { type: "boolean" },
    checks: listOf(
      record({
        check: { enum: [...verificationChecks] },
        ok: { type: "boolean" },
        findings: listOf(text),
      }),
    ),
  }),
);

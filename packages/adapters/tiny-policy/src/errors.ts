/** Codes of the errors that this package raises. */
export type TinyPolicyErrorCode =
  | "HX_MODEL_OPTIONS"
  | "HX_MODEL_WEIGHTS"
  | "HX_MODEL_UNBOUND"
  | "HX_MODEL_TOKENS";

/** An error with a stable code, advice, and the values that led to it. */
export class TinyPolicyError extends Error {
  readonly code: TinyPolicyErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: TinyPolicyErrorCode,
    message: string,
    hint: string,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "TinyPolicyError";
    this.code = code;
    this.hint = hint;
    this.details = details;
  }
}

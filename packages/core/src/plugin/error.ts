/** What an error code stands for: its family, its sentence and what to do about it. `{name}` is filled from the details. */
export interface ErrorTemplate {
  /** The `_tag` that Effect's `catchTag` matches. */
  readonly tag: string;
  readonly message: string;
  readonly hint: string;
}

export type ErrorTable = Readonly<Record<string, ErrorTemplate>>;

const BRAND = Symbol.for("harnessx.error");

/** The JSON form of an error, as `--json` prints it. */
export interface ErrorJson {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Every error that HarnessX raises on purpose.
 *
 * `code` is stable across versions; `message` is one sentence; `hint` says what to do; `details`
 * is machine-readable; `cause` keeps the original. `isInstance` works across copies of the package.
 */
export class HarnessXError<Code extends string = string> extends Error {
  readonly _tag: string;
  readonly code: Code;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: Code,
    template: ErrorTemplate,
    details: Readonly<Record<string, unknown>>,
    cause?: unknown,
  ) {
    super(fill(template.message, details), cause === undefined ? undefined : { cause });
    this.name = template.tag;
    this._tag = template.tag;
    this.code = code;
    this.hint = fill(template.hint, details);
    this.details = details;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** True for an error of any copy of this package. */
  static isInstance(value: unknown): value is HarnessXError {
    return typeof value === "object" && value !== null && BRAND in value;
  }

  toJSON(): ErrorJson {
    return { code: this.code, message: this.message, hint: this.hint, details: this.details };
  }
}

/**
 * Makes the error factory of one package from its table of codes.
 *
 * @example
 * ```ts
 * import { defineErrors } from "@harnessx/core/plugin";
 * const fail = defineErrors({
 *   HX_DEMO_LOST: { tag: "DemoError", message: "Lost {what}.", hint: "Look under the sofa." },
 * });
 * fail("HX_DEMO_LOST", { what: "keys" }).message; // "Lost keys."
 * ```
 */
export function defineErrors<const Table extends ErrorTable>(table: Table) {
  return <Code extends Extract<keyof Table, string>>(
    code: Code,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ): HarnessXError<Code> => new HarnessXError(code, table[code] as ErrorTemplate, details, cause);
}

function fill(template: string, details: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in details ? show(details[name]) : whole,
  );
}

/** Values are quoted at most 200 characters long: an error must stay readable whatever was received. */
function show(value: unknown): string {
  let text: string;
  try {
    if (typeof value === "string") text = value;
    else if (Array.isArray(value)) text = value.map(show).join(", ");
    else text = JSON.stringify(value) ?? String(value);
  } catch {
    text = "(not printable)";
  }
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}

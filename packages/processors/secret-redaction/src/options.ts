import type { SecretKind } from "./detectors.ts";

/** A wording of secrets beside the known ones. */
export interface SecretPattern {
  /** Regular expression; the secret is its first group, or all of it. */
  readonly pattern: string;
  /** Whether upper and lower case are the same (false). */
  readonly ignoreCase?: boolean;
}

/** Options of the secret-redaction processor. */
export interface SecretRedactionOptions {
  /** Kinds of secrets that are left alone. */
  readonly except: readonly SecretKind[];
  /** Further secrets. */
  readonly patterns: readonly SecretPattern[];
  /** Texts that look like secrets and are none, such as the example keys of a manual. */
  readonly ignore: readonly string[];
  /** Whether to redact what the user says as well. */
  readonly user: boolean;
  /** Names of tools, with `*` for any text, that get the secret in place of its placeholder. */
  readonly restoreFor: readonly string[];
  /** Secrets to remember; further ones are replaced by a placeholder without a number. */
  readonly maxSecrets: number;
}

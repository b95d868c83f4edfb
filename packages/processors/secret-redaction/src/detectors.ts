/** Kinds of secrets that are known by their form. */
export type SecretKind =
  | "private-key"
  | "aws"
  | "github"
  | "gitlab"
  | "openai"
  | "google"
  | "slack"
  | "stripe"
  | "registry"
  | "jwt"
  | "url-password"
  | "authorization";

/** Finds one form of secret. */
export interface Detector {
  /** With the flags `d` and `g`; the secret is the first group that took part, or all of it. */
  readonly pattern: RegExp;
  /** Tells a secret from words in its place. */
  readonly isReal?: (secret: string) => boolean;
}

/** A token stands alone: what goes on to the left or right is something else. */
function token(form: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9_-])(?:${form})(?![A-Za-z0-9_-])`, "dg");
}

/** Words and placeholders stand where tokens do in manuals: `your-token`, `API_KEY`, `xxxxxxxx`. */
function isNoWord(secret: string): boolean {
  if (/your|example|placeholder|redacted|x{4}|\*{3}/i.test(secret)) return false;
  return !/^(?:[a-z]+(?:[-_.][a-z]+)*|[A-Z]+(?:[-_.][A-Z]+)*)$/.test(secret);
}

/** Random characters have digits among letters, and long stretches without a hyphen. */
function isRandom(secret: string): boolean {
  return /\d/.test(secret) && /[A-Za-z0-9]{12}/.test(secret) && isNoWord(secret);
}

const keyBegin = "-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----";
const keyEnd = "-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----";
const gap = "(?:\\\\r|\\\\n|\\s)";

/** By kind. Forms are those that the issuers document. */
export const detectors: Readonly<Record<SecretKind, readonly Detector[]>> = {
  "private-key": [
    {
      pattern: new RegExp(`${keyBegin}[^-]{1,20000}(?:-(?!----)[^-]{0,20000}){0,8}${keyEnd}`, "dg"),
    },
    // Cut off before its end it is still most of a key.
    {
      pattern: new RegExp(
        `${keyBegin}(?:${gap}*[A-Za-z0-9+/=]{32,})+(?:${gap}+[A-Za-z0-9+/=]+)?`,
        "dg",
      ),
    },
  ],
  aws: [
    { pattern: token("(?:AKIA|ASIA)[A-Z2-7]{16}") },
    {
      pattern:
        /secret_?(?:access_?)?key["']?\s{0,4}[:=]\s{0,4}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/dgi,
      isReal: (secret) => /\d/.test(secret) && /[A-Z]/.test(secret) && /[a-z]/.test(secret),
    },
  ],
  github: [
    { pattern: token("gh[pousr]_[A-Za-z0-9]{36,255}") },
    { pattern: token("github_pat_[A-Za-z0-9_]{22,255}") },
  ],
  gitlab: [{ pattern: token("gl(?:pat|dt|rt|ptt|cbt)-[A-Za-z0-9_-]{20,100}"), isReal: isRandom }],
  openai: [{ pattern: token("sk-[A-Za-z0-9_-]{20,250}"), isReal: isRandom }],
  google: [
    { pattern: token("AIza[A-Za-z0-9_-]{35}") },
    { pattern: token("GOCSPX-[A-Za-z0-9_-]{28}") },
  ],
  slack: [
    { pattern: token("xox[abeoprs]-[A-Za-z0-9-]{10,250}"), isReal: (text) => /\d/.test(text) },
  ],
  stripe: [
    { pattern: token("(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,250}|whsec_[A-Za-z0-9]{24,}") },
  ],
  registry: [
    { pattern: token("npm_[A-Za-z0-9]{36}") },
    { pattern: token("pypi-AgE[A-Za-z0-9_-]{50,}") },
    { pattern: token("hf_[A-Za-z0-9]{30,}") },
    { pattern: token("dckr_pat_[A-Za-z0-9_-]{20,}") },
  ],
  jwt: [{ pattern: token("eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{10,}") }],
  "url-password": [
    {
      pattern: /\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/@"'<>]{0,200}:([^\s/@"'<>]{3,200})@/dgi,
      // A variable in its place is none, whatever it is called.
      isReal: (secret) => !/^[$<{%*([]|^x+$/i.test(secret),
    },
  ],
  authorization: [
    {
      pattern:
        /\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?(?:bearer|basic|token|apikey)\s{1,4}([\w.~+/=-]{8,})/dgi,
      isReal: isNoWord,
    },
    { pattern: /\bbearer\s{1,4}([\w.~+/=-]{20,})/dgi, isReal: isRandom },
    {
      pattern: /\bx-(?:api-key|auth-token)["']?\s{0,4}[:=]\s{0,4}["']?([\w.~+/=-]{8,})/dgi,
      isReal: isNoWord,
    },
  ],
};

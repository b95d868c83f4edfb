/** Names of environment variables and headers that carry secrets; matched anywhere, in any case. */
const SECRET_WORDS = [
  "authorization",
  "token",
  "key",
  "secret",
  "password",
  "passwd",
  "credential",
  "cookie",
] as const;

/** JSON Schema patterns have no case-insensitive flag. */
const secretName = SECRET_WORDS.map((word) =>
  Array.from(word, (letter) => `[${letter}${letter.toUpperCase()}]`).join(""),
).join("|");

/** `setTimeout` fires at once above this many milliseconds. */
const MAX_TIMER_MS = 2_147_483_647;

/** The id of an entry. */
export const idSchema = {
  description:
    "an id of lower-case letters, digits, dots, underscores and hyphens, at most 64 characters long",
  type: "string",
  maxLength: 64,
  pattern: "^[a-z0-9][a-z0-9._-]*$",
  // An id is a key of the lock; these two would reach a prototype.
  not: { enum: ["constructor", "prototype"] },
} as const;

const use = {
  description:
    "a package name, inline:<name>, or a relative folder that starts with ./ or ../, without a version",
  type: "string",
  maxLength: 256,
  pattern:
    "^(?:(?:@[a-z0-9][a-z0-9._~-]*/)?[a-z0-9][a-z0-9._~-]*|inline:[^\\s:]+|[.]{1,2}(?:/[^\\0]*)?)$",
} as const;

const names = {
  type: "array",
  items: {
    description: "an entry id, a package name or a group",
    type: "string",
    minLength: 1,
    maxLength: 256,
  },
  uniqueItems: true,
} as const;

const secret = {
  description: 'a reference such as { "env": "NAME" }: secrets are never written as values',
  type: "object",
  properties: {
    env: {
      description: "the name of an environment variable",
      type: "string",
      maxLength: 256,
      pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
    },
  },
  required: ["env"],
  additionalProperties: false,
} as const;

const secretMap = {
  type: "object",
  patternProperties: { [secretName]: { $ref: "#/$defs/secret" } },
  additionalProperties: {
    if: { type: "object" },
    then: { $ref: "#/$defs/secret" },
    else: { description: 'a string or { "env": "NAME" }', type: "string" },
  },
} as const;

const mcpCommand = {
  type: "object",
  properties: {
    command: { type: "string", minLength: 1 },
    args: { type: "array", items: { type: "string" } },
    env: secretMap,
    cwd: { type: "string", minLength: 1 },
  },
  required: ["command"],
  additionalProperties: false,
} as const;

const mcpUrl = {
  type: "object",
  properties: {
    url: {
      description: "an http or https URL without a user name or password in it",
      type: "string",
      pattern: "^https?://[^/?#@\\s]+(?:[/?#]\\S*)?$",
    },
    headers: secretMap,
  },
  required: ["url"],
  additionalProperties: false,
} as const;

const count = { type: "integer", minimum: 1 } as const;
const milliseconds = { type: "integer", minimum: 1, maximum: MAX_TIMER_MS } as const;

/** The entries of both lists, shared with the schema of edits. */
export const entryDefs = {
  secret,
  processorEntry: {
    type: "object",
    properties: {
      id: idSchema,
      use,
      options: { type: "object" },
      stage: { type: "integer" },
      before: names,
      after: names,
      onError: { enum: ["fail", "skip"] },
    },
    required: ["id", "use"],
    additionalProperties: false,
  },
  toolsEntry: {
    type: "object",
    if: { required: ["mcp"] },
    then: {
      properties: {
        id: idSchema,
        mcp: {
          type: "object",
          if: { required: ["url"] },
          then: mcpUrl,
          else: mcpCommand,
        },
        options: { type: "object" },
      },
      required: ["id", "mcp"],
      additionalProperties: false,
    },
    else: {
      properties: { id: idSchema, use, options: { type: "object" } },
      required: ["id", "use"],
      additionalProperties: false,
    },
  },
} as const;

const limits = {
  type: "object",
  properties: {
    maxSteps: { ...count, default: 50 },
    maxTokens: count,
    maxCostUsd: { type: "number", exclusiveMinimum: 0 },
    maxTimeMs: milliseconds,
    modelTimeoutMs: { ...milliseconds, default: 120_000 },
    toolTimeoutMs: { ...milliseconds, default: 120_000 },
    hookTimeoutMs: { ...milliseconds, default: 30_000 },
    parallelTools: { ...count, default: 4 },
    maxModelRetries: { ...count, default: 3 },
    maxResultChars: { ...count, default: 30_000 },
  },
  additionalProperties: false,
} as const;

/**
 * The JSON Schema (draft 2020-12) of `harness.json`.
 *
 * Every object but `options` and the values of `slots` refuses unknown keys; every limit is
 * positive; a header or environment variable whose name looks like a secret takes only a reference.
 *
 * @example
 * ```ts
 * import { manifestSchema } from "@harnessx/core";
 * manifestSchema.required; // ["name", "version"]
 * ```
 */
export const manifestSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "urn:harnessx:harness.schema.json",
  title: "HarnessX manifest",
  type: "object",
  properties: {
    $schema: { type: "string" },
    name: { type: "string", minLength: 1, maxLength: 128 },
    version: { type: "string", minLength: 1, maxLength: 64 },
    processors: { type: "array", items: { $ref: "#/$defs/processorEntry" } },
    tools: { type: "array", items: { $ref: "#/$defs/toolsEntry" } },
    slots: { type: "object" },
    limits,
  },
  required: ["name", "version"],
  additionalProperties: false,
  $defs: entryDefs,
} as const;

const strings = {
  type: "array",
  items: { type: "string", minLength: 1 },
  uniqueItems: true,
} as const;

/**
 * The JSON Schema (draft 2020-12) of `harness.lock.json`.
 *
 * @example
 * ```ts
 * import { lockSchema } from "@harnessx/core";
 * lockSchema.properties.lockVersion.const; // 1
 * ```
 */
export const lockSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "urn:harnessx:harness.lock.schema.json",
  title: "HarnessX lock",
  type: "object",
  properties: {
    lockVersion: { const: 1 },
    entries: {
      type: "object",
      propertyNames: idSchema,
      additionalProperties: {
        type: "object",
        properties: {
          use,
          version: { type: "string", minLength: 1, maxLength: 256 },
          integrity: {
            description: "sha256- and 64 lower-case hexadecimal digits",
            type: "string",
            pattern: "^sha256-[0-9a-f]{64}$",
          },
          capabilities: {
            type: "object",
            properties: {
              net: strings,
              fs: {
                type: "object",
                properties: { read: strings, write: strings },
                additionalProperties: false,
              },
              env: strings,
              model: strings,
              spawn: { type: "boolean" },
              processes: { type: "boolean" },
            },
            additionalProperties: false,
          },
          decidedBy: { type: "string", minLength: 1, maxLength: 256 },
        },
        required: ["use", "version", "integrity", "capabilities", "decidedBy"],
        additionalProperties: false,
      },
    },
  },
  required: ["lockVersion", "entries"],
  additionalProperties: false,
} as const;

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { hxError, messageOf } from "../errors/index.ts";
import type { ModelTarget, Price, RetryPolicy, RoleModels } from "../model/roles.ts";
import type { ModelDefinition } from "../plugin/define.ts";
import type { JsonObject } from "../plugin/json.ts";
import type { ModelsInput } from "../run/types.ts";
import { validatorFor } from "../schema/validator.ts";
import { loadPlugin, resolveOptions } from "./plugin.ts";

/** One model of `models.json`. */
export interface ModelEntry {
  readonly use: string;
  readonly options?: JsonObject;
  readonly price?: Price;
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
  /** Tried in order when this one fails. */
  readonly fallback?: readonly Omit<ModelEntry, "fallback">[];
}

/** `models.json`: which model serves which role. */
export interface ModelsFile {
  readonly $schema?: string;
  readonly roles: { readonly main: ModelEntry; readonly [role: string]: ModelEntry };
}

const entryProperties = {
  use: { type: "string", minLength: 1 },
  options: { type: "object" },
  price: {
    type: "object",
    required: ["input", "output"],
    additionalProperties: false,
    properties: {
      input: { type: "number", minimum: 0 },
      output: { type: "number", minimum: 0 },
      cachedInput: { type: "number", minimum: 0 },
    },
  },
  retry: {
    type: "object",
    required: ["times"],
    additionalProperties: false,
    properties: {
      times: { type: "integer", minimum: 0, maximum: 100 },
      delayMs: { type: "number", minimum: 0 },
      maxDelayMs: { type: "number", minimum: 0 },
    },
  },
  timeoutMs: { type: "number", exclusiveMinimum: 0 },
} as const;

/** JSON Schema of `models.json`. */
export const modelsSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "models.json",
  type: "object",
  required: ["roles"],
  additionalProperties: false,
  properties: {
    $schema: { type: "string" },
    roles: {
      type: "object",
      required: ["main"],
      additionalProperties: {
        type: "object",
        required: ["use"],
        additionalProperties: false,
        properties: {
          ...entryProperties,
          fallback: {
            type: "array",
            items: {
              type: "object",
              required: ["use"],
              additionalProperties: false,
              properties: entryProperties,
            },
          },
        },
      },
    },
  },
} as const;

/**
 * Loads the models of every role.
 *
 * Options of the form `{ "env": "NAME" }` are read from the environment, so that the file never
 * holds a secret. Errors: HX_MODELS_INVALID, HX_SECRET_MISSING and those of loading plugins.
 */
export async function loadModels(
  source: string | ModelsFile,
  options: { readonly root?: string } = {},
): Promise<ModelsInput> {
  const file = typeof source === "string" ? resolve(source) : undefined;
  const parsed: unknown = file === undefined ? source : await readJson(file);
  const problem = validatorFor(modelsSchema)(parsed);
  if (problem) throw hxError("HX_MODELS_INVALID", { path: file ?? "roles", problem });
  const root = resolve(options.root ?? (file === undefined ? process.cwd() : dirname(file)));
  const roles = Object.entries((parsed as ModelsFile).roles);
  const loaded = await Promise.all(
    roles.map(async ([role, entry]) => [role, await loadRole(role, entry, root)] as const),
  );
  return Object.fromEntries(loaded) as unknown as ModelsInput;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (thrown) {
    throw hxError("HX_MANIFEST_UNREADABLE", { file, problem: messageOf(thrown) }, thrown);
  }
}

async function loadRole(role: string, entry: ModelEntry, root: string): Promise<RoleModels> {
  const [first, ...rest] = await Promise.all(
    [entry, ...(entry.fallback ?? [])].map((one) => loadTarget(role, one, root)),
  );
  return { targets: [first!, ...rest] };
}

async function loadTarget(role: string, entry: ModelEntry, root: string): Promise<ModelTarget> {
  const plugin = await loadPlugin(entry.use, root);
  if (plugin.metadata.kind !== "model") {
    throw hxError("HX_PLUGIN_KIND_MISMATCH", {
      entry: role,
      package: plugin.name,
      kind: plugin.metadata.kind,
      expected: "model",
    });
  }
  const options = resolveOptions(
    plugin,
    role,
    withSecrets(entry.options ?? {}, `roles.${role}.options`),
  );
  const client = await (plugin.definition as ModelDefinition).create(options);
  const { price, retry, timeoutMs } = entry;
  return {
    client,
    ...(price ? { price } : {}),
    ...(retry ? { retry } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

/** Replaces `{ "env": "NAME" }` by the variable's value. */
function withSecrets(options: JsonObject, path: string): JsonObject {
  const entries = Object.entries(options).map(([key, value]) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return [key, value] as const;
    const keys = Object.keys(value);
    const name = (value as JsonObject)["env"];
    if (keys.length !== 1 || typeof name !== "string")
      return [key, withSecrets(value as JsonObject, `${path}.${key}`)] as const;
    const secret = process.env[name];
    if (secret === undefined) throw hxError("HX_SECRET_MISSING", { name, path: `${path}.${key}` });
    return [key, secret] as const;
  });
  return Object.fromEntries(entries);
}

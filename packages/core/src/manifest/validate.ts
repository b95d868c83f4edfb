import { createRequire } from "node:module";
import type { ErrorObject, ValidateFunction } from "ajv";
import type { Ajv2020 } from "ajv/dist/2020.js";
import type { Json } from "../plugin/json.ts";
import { escapePart, pointer, toPlainJson, typeName } from "./plain-json.ts";
import { editsSchema } from "./edits-schema.ts";
import { lockSchema, manifestSchema } from "./schema.ts";
import type { Lock, Manifest, ManifestEdit } from "./types.ts";

/** One thing that is wrong with a document. */
export interface Problem {
  readonly kind: "invalid" | "duplicate-id";
  /** JSON pointer; `/` for the document itself. */
  readonly path: string;
  readonly problem: string;
  /** The id that is used twice. */
  readonly id?: string;
}

/** A checked, deeply frozen copy of a document, or all that is wrong with it. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A report longer than this helps nobody, and garbage must not make a large one. */
const MAX_PROBLEMS = 20;

/** Checks a manifest; never throws. */
export function checkManifest(value: unknown): Checked<Manifest> {
  const checked = check<Manifest>("manifest", value);
  if (!checked.ok) return checked;
  const duplicates = duplicateIds(checked.value);
  return duplicates.length > 0 ? { ok: false, problems: duplicates } : checked;
}

/** Checks a lock; never throws. */
export const checkLock = (value: unknown): Checked<Lock> => check("lock", value);

/** Checks the shape of a list of edits, not whether they can be made; never throws. */
export const checkEdits = (value: unknown): Checked<readonly ManifestEdit[]> =>
  check("edits", value);

function check<T>(document: keyof typeof schemas, value: unknown): Checked<T> {
  const plain = toPlainJson(value);
  if (!plain.ok) {
    return { ok: false, problems: [{ kind: "invalid", path: plain.path, problem: plain.problem }] };
  }
  const validate = validatorOf(document);
  if (validate(plain.value)) return { ok: true, value: plain.value as T };
  return { ok: false, problems: problemsOf(validate.errors ?? []) };
}

function duplicateIds(manifest: Manifest): readonly Problem[] {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const section of ["processors", "tools"] as const) {
    for (const [index, { id }] of (manifest[section] ?? []).entries()) {
      if (seen.has(id)) {
        const path = pointer([section, index, "id"]);
        problems.push({ kind: "duplicate-id", path, problem: `the id ${id} is used twice`, id });
      }
      seen.add(id);
    }
  }
  return problems;
}

const schemas = { manifest: manifestSchema, lock: lockSchema, edits: editsSchema } as const;
const compiled = new Map<string, ValidateFunction>();
let ajv: Ajv2020 | undefined;

/** Loading ajv and compiling cost tens of milliseconds each, so both wait for the first document. */
function validatorOf(document: keyof typeof schemas): ValidateFunction {
  let validate = compiled.get(document);
  if (validate === undefined) {
    ajv ??= newAjv();
    validate = ajv.compile(schemas[document]);
    compiled.set(document, validate);
  }
  return validate;
}

function newAjv(): Ajv2020 {
  const module = createRequire(import.meta.url)("ajv/dist/2020.js") as { Ajv2020: typeof Ajv2020 };
  // `verbose` gives the schema beside each error, from which the sentences are made.
  return new module.Ajv2020({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
  });
}

/** Keywords that only wrap the errors that say what is wrong. */
const WRAPPERS = new Set(["if", "propertyNames"]);

function problemsOf(errors: readonly ErrorObject[]): readonly Problem[] {
  const problems = new Map<string, Problem>();
  for (const error of errors) {
    if (WRAPPERS.has(error.keyword)) continue;
    const path = pathOf(error);
    // The first error of a place says most: a wrong type makes the rest follow.
    if (!problems.has(path))
      problems.set(path, { kind: "invalid", path, problem: sentence(error) });
    if (problems.size === MAX_PROBLEMS) break;
  }
  return [...problems.values()];
}

function pathOf(error: ErrorObject): string {
  const extra = error.params as { additionalProperty?: string; missingProperty?: string };
  const key = extra.additionalProperty ?? extra.missingProperty ?? error.propertyName;
  const path = key === undefined ? error.instancePath : `${error.instancePath}/${escapePart(key)}`;
  return path === "" ? "/" : path;
}

function sentence(error: ErrorObject): string {
  const { keyword, params, parentSchema } = error;
  if (keyword === "additionalProperties") {
    const allowed = Object.keys((parentSchema?.["properties"] as object | undefined) ?? {});
    return `unknown key "${clip(String(params["additionalProperty"]))}", allowed are ${allowed.join(", ")}`;
  }
  if (keyword === "required") return "it is missing";
  const described: unknown = parentSchema?.["description"];
  if (typeof described === "string") return `it must be ${described}, found ${found(error)}`;
  switch (keyword) {
    case "type":
      return `it must be of type ${[params["type"]].flat().join(" or ")}, found ${found(error)}`;
    case "enum":
      return `it must be one of ${(params["allowedValues"] as readonly Json[]).join(", ")}`;
    case "const":
      return `it must be ${JSON.stringify(params["allowedValue"])}`;
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
      return `it must be ${params["comparison"]} ${params["limit"]}, found ${found(error)}`;
    default:
      return `it ${error.message ?? "is not valid"}`;
  }
}

/** Strings are never quoted: the one at fault may be a secret that was written down by mistake. */
function found(error: ErrorObject): string {
  return typeof error.data === "number" ? String(error.data) : typeName(error.data);
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

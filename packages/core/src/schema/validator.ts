import { createRequire } from "node:module";
import type { ErrorObject, ValidateFunction } from "ajv";
import type { Ajv2020 } from "ajv/dist/2020.js";

/** The first things that are wrong with a value, or nothing. */
export type Validator = (value: unknown) => string | undefined;

// ajv costs 30 ms to load: a program that imports core pays for it only when it checks something.
const require = createRequire(import.meta.url);
let ajv: Ajv2020 | undefined;
let ajvWithDefaults: Ajv2020 | undefined;

function load(useDefaults: boolean): Ajv2020 {
  const module = require("ajv/dist/2020.js") as { Ajv2020: typeof Ajv2020 };
  return new module.Ajv2020({
    allErrors: true,
    strict: false,
    logger: false,
    useDefaults,
    ownProperties: true,
  });
}

/** Validators of one ajv instance by schema object and, for schemas made anew each time, by content. */
interface Cache {
  readonly byIdentity: WeakMap<object, Validator>;
  readonly byContent: Map<string, Validator>;
}

const newCache = (): Cache => ({ byIdentity: new WeakMap(), byContent: new Map() });
const plain = newCache();
const filling = newCache();
/** Schemas made anew for every run would otherwise grow the cache without end. */
const MAX_BY_CONTENT = 1000;

/**
 * A validator for `schema`, compiled once for each schema object and each schema content.
 * Throws ajv's own error when the schema is not usable.
 */
export function validatorFor(schema: object): Validator {
  return cached(plain, schema, () => (ajv ??= load(false)));
}

/** Like `validatorFor`, but fills defaults into the value that it checks. */
export function fillingValidatorFor(schema: object): Validator {
  return cached(filling, schema, () => (ajvWithDefaults ??= load(true)));
}

function cached(cache: Cache, schema: object, ajvOf: () => Ajv2020): Validator {
  const known = cache.byIdentity.get(schema);
  if (known) return known;
  const content = JSON.stringify(schema);
  let validator = cache.byContent.get(content);
  if (!validator) {
    // Compiled from a copy without $id: ajv refuses to register one id twice.
    const { $id: _id, ...anonymous } = JSON.parse(content) as Record<string, unknown>;
    validator = wrap(ajvOf().compile(anonymous));
    if (cache.byContent.size >= MAX_BY_CONTENT) cache.byContent.clear();
    cache.byContent.set(content, validator);
  }
  cache.byIdentity.set(schema, validator);
  return validator;
}

function wrap(validate: ValidateFunction): Validator {
  return (value) => (validate(value) ? undefined : explain(validate.errors ?? []));
}

/** ajv's errors in one line a person can act on. */
export function explain(errors: readonly ErrorObject[]): string {
  const lines = errors.slice(0, 3).map((error) => {
    const where = error.instancePath === "" ? "the value" : error.instancePath;
    const params = error.params as Record<string, unknown>;
    if (error.keyword === "additionalProperties")
      return `${where} has the unknown key ${String(params["additionalProperty"])}`;
    if (error.keyword === "enum")
      return `${where} must be one of ${JSON.stringify(params["allowedValues"])}`;
    return `${where} ${error.message ?? "is not valid"}`;
  });
  const more = errors.length > lines.length ? ` and ${errors.length - lines.length} more` : "";
  return `${lines.join("; ")}${more}`;
}

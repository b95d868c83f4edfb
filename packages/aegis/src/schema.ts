import { validatorFor } from "@harnessx/core";
import { aegisError } from "./errors.ts";

/* Small pieces from which the schemas of the artefacts are put together. */

export const text = { type: "string" } as const;
export const count = { type: "integer", minimum: 0 } as const;
export const share = { type: "number", minimum: 0, maximum: 1 } as const;
export const number = { type: "number" } as const;

export const listOf = (items: object) => ({ type: "array", items }) as const;

/** A closed object: all keys required but those of `optional`. */
export const record = (
  properties: Readonly<Record<string, object>>,
  optional: Readonly<Record<string, object>> = {},
) =>
  ({
    type: "object",
    additionalProperties: false,
    required: Object.keys(properties),
    properties: { ...properties, ...optional },
  }) as const;

export const mapOf = (values: object) =>
  ({ type: "object", additionalProperties: values }) as const;

export const document = (title: string, schema: object) =>
  ({ $schema: "https://json-schema.org/draft/2020-12/schema", title, ...schema }) as const;

/** Returns the value when it fits; throws HX_AEGIS_ARTEFACT_INVALID when not. */
export function checkArtefact<Value>(artefact: string, schema: object, value: Value): Value {
  const problem = validatorFor(schema)(value);
  if (problem) throw aegisError("HX_AEGIS_ARTEFACT_INVALID", { artefact, problem });
  return value;
}

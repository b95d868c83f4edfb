import { createRequire } from "node:module";
import type { JsonSchema } from "@harnessx/core/plugin";
import type { ValidateFunction } from "ajv";
import type { Ajv2020 } from "ajv/dist/2020.js";

// ajv takes a while to load: only those pay for it who check JSON.
const require = createRequire(import.meta.url);

/** Compiling takes milliseconds; the options of a harness are the same object in each of its runs. */
const compiled = new WeakMap<JsonSchema, ValidateFunction>();

/** Says what is wrong with an answer that is to be JSON. Throws for an invalid schema. */
export function schemaProblem(schema: JsonSchema): (answer: string) => string | undefined {
  let validate = compiled.get(schema);
  if (!validate) {
    const ajv = require("ajv/dist/2020.js") as { Ajv2020: typeof Ajv2020 };
    validate = new ajv.Ajv2020({ strict: false, logger: false, ownProperties: true }).compile(
      schema,
    );
    compiled.set(schema, validate);
  }
  const isValid = validate;
  return (answer) => {
    let value: unknown;
    try {
      value = JSON.parse(answer.trim().replace(/^```(?:json)?\s*|\s*```$/g, ""));
    } catch {
      return "It is not JSON, alone or in one code fence.";
    }
    if (isValid(value)) return undefined;
    const [first] = isValid.errors ?? [];
    return `Its JSON does not fit: ${first?.instancePath || "the value"} ${first?.message ?? ""}.`;
  };
}

import { validatorFor, type Json, type JsonSchema, type Tool } from "@harnessx/core";
import { Refusal } from "./verdict.ts";

/** A tool without its code, as a sandbox sends it. */
export type SandboxedSpec = Omit<Tool, "execute">;

const MAX_TOOLS = 64;
const MAX_SCHEMA_CHARS = 50_000;

const checkSpecs = validatorFor({
  type: "array",
  maxItems: MAX_TOOLS,
  items: {
    type: "object",
    properties: {
      name: { type: "string", minLength: 1, maxLength: 200 },
      description: { type: "string", maxLength: 20_000 },
      inputSchema: { type: "object" },
      outputSchema: { type: "object" },
      tags: { type: "array", maxItems: 32, items: { type: "string", maxLength: 200 } },
      timeoutMs: { type: "number", minimum: 0 },
      onLostResult: { enum: ["rerun", "report"] },
    },
    required: ["name", "description", "inputSchema"],
    additionalProperties: false,
  },
});

/**
 * Keywords of JSON Schema that make the host's validator run for as long as the schema's author
 * likes (a pattern is a regular expression, references recurse) or keep state between schemas.
 */
const REFUSED = new Set([
  "$ref",
  "$dynamicRef",
  "$id",
  "$anchor",
  "$dynamicAnchor",
  "pattern",
  "patternProperties",
  "uniqueItems",
  "format",
]);
const SCHEMAS_BY_NAME = new Set(["properties", "dependentSchemas", "$defs"]);
const DATA = new Set(["const", "enum", "default", "examples"]);

function schemaProblem(schema: unknown): string | undefined {
  if (typeof schema !== "object" || schema === null) return undefined;
  for (const [key, value] of Object.entries(schema)) {
    if (!Array.isArray(schema) && REFUSED.has(key)) return `the keyword ${key} is refused`;
    if (DATA.has(key)) continue;
    const parts = SCHEMAS_BY_NAME.has(key) && isObject(value) ? Object.values(value) : [value];
    for (const part of parts) {
      const problem = schemaProblem(part);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** The tools that a sandbox says it has. Throws a Refusal. */
export function readSpecs(data: Json): readonly SandboxedSpec[] {
  const problem = checkSpecs(data);
  if (problem) throw new Refusal(`the tools: ${problem}`);
  const specs = data as unknown as readonly SandboxedSpec[];
  for (const { name, inputSchema, outputSchema } of specs) {
    for (const schema of [inputSchema, outputSchema] as readonly (JsonSchema | undefined)[]) {
      const found =
        JSON.stringify(schema ?? null).length > MAX_SCHEMA_CHARS
          ? "it is too long"
          : schemaProblem(schema);
      if (found !== undefined) throw new Refusal(`a schema of the tool ${name}: ${found}`);
    }
  }
  return specs;
}

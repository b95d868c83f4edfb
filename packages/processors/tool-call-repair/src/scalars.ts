import type { JsonSchema } from "@harnessx/core/plugin";
import { isFields, typesOf } from "./schema.ts";

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What a single value can have been meant as, by the types and choices that its schema allows. */
export function meanings(value: unknown, schema: JsonSchema): unknown[] {
  const choices: unknown = schema["enum"];
  if (Array.isArray(choices)) return choicesMeant(value, choices);
  const types = typesOf(schema) ?? [];
  const found: unknown[] = [];
  if (typeof value === "string") {
    const text = value.trim();
    if (types.includes("boolean") && /^(?:true|false)$/i.test(text))
      found.push(text.toLowerCase() === "true");
    if ((types.includes("number") || types.includes("integer")) && jsonNumber.test(text)) {
      const read = Number(text);
      // More digits than a number can hold would come out as another number.
      if (Number.isFinite(read) && Math.abs(read) <= Number.MAX_SAFE_INTEGER) found.push(read);
    }
    if (types.includes("null") && text === "null") found.push(null);
    if (types.includes("array") || types.includes("object")) {
      const read = readJson(text);
      if (read !== undefined) found.push(read);
    }
  } else if (typeof value === "number" || typeof value === "boolean") {
    if (types.includes("string")) found.push(String(value));
  }
  return found;
}

/** The one choice that differs from the value in case and separators alone, or in being no text. */
function choicesMeant(value: unknown, choices: readonly unknown[]): unknown[] {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
    return [];
  const wanted = plainName(String(value));
  if (wanted === "") return [];
  const fitting = choices.filter(
    (choice) =>
      choice !== null && typeof choice !== "object" && plainName(String(choice)) === wanted,
  );
  return fitting.length === 1 ? fitting : [];
}

/** A list or an object that was written as text. */
function readJson(text: string): unknown {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    const read: unknown = JSON.parse(text);
    return Array.isArray(read) || isFields(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

/** A name without case and separators. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]+/g, "");
}

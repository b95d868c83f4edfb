import { floatText } from "./money.ts";

/** A tool's result as text: a string as it is, anything else as JSON with upstream's spacing and floats. */
export const renderResult = (result: unknown): string =>
  typeof result === "string" ? result : json(result);

function json(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(json).join(", ")}]`;
  if (typeof value === "number") return floatText(value);
  if (typeof value === "string") return asciiText(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined && field !== null)
    .map(([key, field]) => `${asciiText(key)}: ${json(field)}`);
  return `{${fields.join(", ")}}`;
}

const asciiText = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

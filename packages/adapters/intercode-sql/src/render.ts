import type { QueryOutcome, Row, Value } from "./outcome.ts";

/** Most characters of an observation, as in the recorded runs. */
const longest = 600;

/** A result as upstream shows it to the agent: a Python list of tuples, or an error in words. */
export function renderOutcome(outcome: QueryOutcome): string {
  if (outcome.kind === "error") return cut(`Error executing query: ${outcome.message}`);
  if (outcome.kind === "refused") return outcome.message;
  return cut(`[${outcome.rows.map(renderRow).join(", ")}]`);
}

/** A row as Python writes a tuple; two rows are the same when these texts are. */
export function renderRow(row: Row): string {
  const values = row.map(renderValue);
  return values.length === 1 ? `(${values[0]},)` : `(${values.join(", ")})`;
}

function renderValue(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return renderFloat(value);
  if (typeof value === "string") return renderText(value);
  return `b'${[...value].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}'`;
}

/** Python keeps the point of a whole number and changes to exponents earlier than JavaScript does. */
function renderFloat(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "inf" : value < 0 ? "-inf" : "nan";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16))
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Quotes, the backslash and control characters. */
const special = /['"\\\p{Cc}]/gu;

function renderText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll(special, (char) => {
    if (char === "'" || char === '"') return char === quote ? `\\${char}` : char;
    return escapes[char] ?? `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`;
  });
  return quote + escaped + quote;
}

const cut = (text: string): string =>
  text.length <= longest ? text : `${text.slice(0, longest)}…[+${text.length - longest} chars cut]`;

import type { Json } from "@harnessx/core";

const MAX_DEPTH = 64;

/** What is wrong with parsed data from a sandbox; nothing when it is fit to be handed on. */
function dataProblem(value: unknown, depth = 0): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (depth >= MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH}`;
  for (const key of Object.keys(value)) {
    if (key === "__proto__") return "it has a key __proto__";
    const problem = dataProblem((value as Record<string, unknown>)[key], depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Data that a sandbox sent, or the reason to refuse it. */
export function readData(text: string): { readonly value: Json } | { readonly problem: string } {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return { problem: "it is no JSON" };
  }
  const problem = dataProblem(value);
  return problem === undefined ? { value } : { problem };
}

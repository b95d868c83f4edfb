/** Arguments that are JSON but for a Markdown fence around them and commas before closing brackets. */
export function readLooseJson(text: string): { value: unknown } | undefined {
  const inside = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/.exec(text)?.[1] ?? text;
  for (const candidate of [inside, withoutTrailingCommas(inside)]) {
    try {
      return { value: JSON.parse(candidate) as unknown };
    } catch {
      // The next reading may do.
    }
  }
  return undefined;
}

/** Leaves strings alone. */
function withoutTrailingCommas(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|,(\s*[}\]])/g, (found, closing: string | undefined) =>
    closing === undefined ? found : closing,
  );
}

/** Marks that change how text is shown, and letters that show nothing. */
const INVISIBLE =
  /(?![\n\t])\p{C}|[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]|[\ufe00-\ufe0e\u{e0100}-\u{e01ef}]|(?<!\p{Extended_Pictographic})\ufe0f/u;

/** What is wrong with a file of any kind before it is parsed. */
export function textFindings(path: string, text: string): string[] {
  const findings: string[] = [];
  // Code must not read differently from what it does, nor a README hide what a model would read.
  if (INVISIBLE.test(text)) findings.push(`${path} has invisible characters`);
  if (!path.endsWith(".ts")) return findings;
  if (/@ts-(?:ignore|nocheck|expect-error|check)|oxlint-disable|eslint-disable/.test(text))
    findings.push(`${path} suppresses checks`);
  if (/\/\/\/\s*</.test(text)) findings.push(`${path} refers to other declarations`);
  return findings;
}

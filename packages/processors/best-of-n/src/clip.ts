/** The text, or its beginning and end with a mark between them where it is too long. */
export function clip(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const mark = ` …[${text.length - maxChars} characters left out]… `;
  const kept = Math.max(0, maxChars - mark.length);
  const head = Math.ceil(kept / 2);
  return `${text.slice(0, head)}${mark}${text.slice(text.length - (kept - head))}`;
}

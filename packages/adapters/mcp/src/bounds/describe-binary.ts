const CUT = /\[… (\d+) bytes left out …\]$/;

/** Whether a base64 text was shortened on its way. */
export const wasCut = (data: string): boolean => CUT.test(data.slice(-64));

/** Data that a model cannot read, in words: what it is and how large. */
export function describeBinary(what: string, mediaType: string | undefined, data: string): string {
  const cut = CUT.exec(data.slice(-64));
  const note = cut ? cut[0].length + 1 : 0;
  const base64 = data.length - note + (cut ? Number(cut[1]) : 0);
  const padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
  const bytes = Math.max(0, Math.floor((base64 * 3) / 4) - padding);
  return `[${what}: ${mediaType ?? "unknown type"}, ${bytes} bytes, left out]`;
}

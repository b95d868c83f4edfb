const prime = 0x01000193;

/** A 53-bit number for a text (two runs of FNV-1a): calls are compared, never shown. */
export function fingerprint(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x9dc5811c;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, prime);
    high = Math.imul(high ^ (code + index), prime);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}

/** A number in [0, 1) that the words fix: the same on every machine. */
export function draw(...words: readonly (string | number)[]): number {
  let value = 0x811c9dc5;
  for (const char of words.join("\u0000"))
    value = Math.imul(value ^ char.charCodeAt(0), 0x01000193);
  // Near texts must give far numbers.
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return ((value ^ (value >>> 16)) >>> 0) / 4_294_967_296;
}

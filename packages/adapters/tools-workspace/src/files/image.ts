/** The media type of an image by its first bytes; models take these four. */
export function imageTypeOf(bytes: Buffer): string | undefined {
  const starts = (...codes: number[]): boolean =>
    codes.every((code, index) => bytes[index] === code);
  if (starts(0x89, 0x50, 0x4e, 0x47)) return "image/png";
  if (starts(0xff, 0xd8, 0xff)) return "image/jpeg";
  if (starts(0x47, 0x49, 0x46, 0x38)) return "image/gif";
  const isWebp = starts(0x52, 0x49, 0x46, 0x46) && bytes.subarray(8, 12).toString() === "WEBP";
  return isWebp ? "image/webp" : undefined;
}

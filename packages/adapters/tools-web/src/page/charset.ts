const SNIFFED_BYTES = 2048;

/** The text of a page: charset by byte order mark, header or its own declaration, else UTF-8. */
export function decodeText(bytes: Buffer, contentType: string): string {
  const declared = bomOf(bytes) ?? charsetIn(contentType) ?? charsetIn(headOf(bytes));
  for (const label of [declared, "utf-8"]) {
    if (label === undefined) continue;
    try {
      const decoder = new TextDecoder(label);
      const text = decoder.decode(bytes);
      return decoder.encoding === "windows-1252" ? text.replace(C1, (char) => cp1252(char)) : text;
    } catch {
      // An unknown name: what is declared is not always true.
    }
  }
  return bytes.toString("utf8");
}

/** Some versions of Node decode windows-1252 as if it were ISO 8859-1, which differs here. */
const C1 = /[\u0080-\u009f]/g;
const CP1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

const cp1252 = (char: string): string => CP1252[char.charCodeAt(0) - 0x80] ?? char;

function bomOf(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? "utf-8" : undefined;
}

const headOf = (bytes: Buffer): string => bytes.subarray(0, SNIFFED_BYTES).toString("latin1");

const charsetIn = (text: string): string | undefined =>
  /\b(?:charset|encoding)\s*=\s*["']?([\w.:-]{1,40})/i.exec(text)?.[1];

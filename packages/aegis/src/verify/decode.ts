/** How a text can be hidden in another; by the name that a finding gives. */
const DECODERS: Readonly<Record<string, (text: string) => string | undefined>> = {
  reversal: (text) => (text.length < 4 ? undefined : Array.from(text).toReversed().join("")),
  rot13: (text) =>
    /[a-z]/i.test(text)
      ? text.replace(/[a-z]/gi, (letter) => {
          const base = letter <= "Z" ? 65 : 97;
          return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
        })
      : undefined,
  base64: (text) => {
    const packed = text.replace(/\s+/g, "").replaceAll("-", "+").replaceAll("_", "/");
    if (packed.length < 8 || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) return undefined;
    return readable(Buffer.from(packed, "base64"));
  },
  hex: (text) => {
    const packed = text.replace(/^0x|[\s,:]|\\x/g, "");
    if (packed.length < 8 || packed.length % 2 === 1 || !/^[0-9a-f]+$/i.test(packed))
      return undefined;
    return readable(Buffer.from(packed, "hex"));
  },
  "percent signs": (text) => {
    if (!/%[0-9a-f]{2}/i.test(text)) return undefined;
    try {
      return decodeURIComponent(text);
    } catch {
      return undefined;
    }
  },
};

/** Bytes that are a text; anything else was no encoding of one. */
function readable(bytes: Buffer): string | undefined {
  const text = bytes.toString("utf8");
  return /^[\P{C}\n\t\r]+$/u.test(text) ? text : undefined;
}

const MAX_LAYERS = 3;

/** A text and everything that it could be an encoding of, three layers deep. */
export function decodings(text: string): { readonly text: string; readonly by: string }[] {
  const found = new Map([[text, ""]]);
  let layer = [text];
  for (let depth = 0; depth < MAX_LAYERS && layer.length > 0; depth += 1) {
    const next: string[] = [];
    for (const one of layer) {
      for (const [name, decode] of Object.entries(DECODERS)) {
        // Reversal and rot13 always apply: around a real encoding they count, around each other once.
        if (depth > 0 && (name === "reversal" || name === "rot13") && plain(found.get(one)!))
          continue;
        const decoded = decode(one);
        if (decoded === undefined || found.has(decoded)) continue;
        found.set(decoded, [found.get(one)!, name].filter((part) => part !== "").join(" and "));
        next.push(decoded);
      }
    }
    layer = next;
  }
  return [...found].map(([decoded, by]) => ({ text: decoded, by }));
}

const plain = (by: string): boolean => by === "" || by === "reversal" || by === "rot13";

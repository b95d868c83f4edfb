/** A line of a page of results. */
export interface Line {
  readonly id: string;
  readonly text: string;
  /** In dollars; undefined where none is shown. */
  readonly price: number | undefined;
}

/** What a reply of the shop shows. */
export type Page =
  | { readonly kind: "results"; readonly lines: readonly Line[] }
  | { readonly kind: "item"; readonly id: string; readonly text: string; readonly price: number }
  | { readonly kind: "chosen"; readonly choice: string }
  | { readonly kind: "other" };

const id = String.raw`\[?\b([A-Z](?=[A-Z]*\d)[A-Z0-9]{5})\b\]?`;
const withId = new RegExp(id);

/** Every line that names an item, whatever stands around the id. */
export function linesOf(text: string): Line[] {
  return text.split("\n").flatMap((line) => {
    const found = withId.exec(line)?.[1];
    if (found === undefined) return [];
    const price = /\$\s?(\d+(?:\.\d+)?)/.exec(line)?.[1];
    return [
      {
        id: found,
        text: line.toLowerCase(),
        price: price === undefined ? undefined : Number(price),
      },
    ];
  });
}

/** Reads a reply of the shop. */
export function readPage(reply: string): Page {
  const choice = /^You chose (.+) for \w+\./.exec(reply)?.[1];
  if (choice !== undefined) return { kind: "chosen", choice };
  const lines = linesOf(reply);
  const price = /^Price: \$(\d+(?:\.\d+)?)/m.exec(reply)?.[1];
  const [first] = lines;
  if (first !== undefined && price !== undefined)
    return { kind: "item", id: first.id, text: reply.toLowerCase(), price: Number(price) };
  return lines.length > 0 ? { kind: "results", lines } : { kind: "other" };
}

import type { Term } from "./argument-steps.ts";

/** A piece of a text: the same in every example, or made from arguments by one of some terms. */
export type Piece = string | readonly Term[];

/** A text as pieces; `derived` are values that come from arguments and the terms that make them. */
export function piecesOf(text: string, derived: ReadonlyMap<string, readonly Term[]>): Piece[] {
  // Of values that overlap, the longer one explains more.
  const values = [...derived]
    .filter(([value]) => text.includes(value))
    .toSorted(([a], [b]) => b.length - a.length);
  const split = (rest: string): Piece[] => {
    for (const [value, terms] of values) {
      const at = rest.indexOf(value);
      if (at >= 0)
        return [...split(rest.slice(0, at)), terms, ...split(rest.slice(at + value.length))];
    }
    return rest === "" ? [] : [rest];
  };
  return split(text);
}

/** What texts that may come from one template have in common. */
export const skeletonOf = (pieces: readonly Piece[]): string =>
  JSON.stringify(pieces.map((piece) => (typeof piece === "string" ? piece : 0)));

/**
 * The least general template of texts with one skeleton: each hole is a term that explains it in
 * every one. Undefined when a hole has none.
 */
export function unify(examples: readonly (readonly Piece[])[]): Piece[] | undefined {
  const [first, ...others] = examples;
  if (!first) return undefined;
  const unified = first.map((piece, index): Piece => {
    if (typeof piece === "string") return piece;
    return piece.filter((term) => others.every((other) => other[index]?.includes(term)));
  });
  return unified.some((piece) => piece.length === 0) ? undefined : unified;
}

/** A template as text, each hole with its simplest term: `{url|origin}/get?of={url|last}`. */
export const writeTemplate = (pieces: readonly Piece[]): string =>
  pieces
    .map((piece) =>
      typeof piece === "string"
        ? piece.replace(/[{}]/g, (brace) => brace + brace)
        : `{${piece[0]}}`,
    )
    .join("");

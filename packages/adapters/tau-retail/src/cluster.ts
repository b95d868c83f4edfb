const kinds: readonly (readonly [string, RegExp])[] = [
  ["cancel", /\bcancel/i],
  ["return", /\b(return|refund)/i],
  ["exchange", /\bexchang/i],
  ["address", /\baddress/i],
  ["modify", /\b(modify|change|upgrade|switch)/i],
];

/** The kind of request, from the customer's words alone: one kind, `several`, or `question`. */
export function clusterOf(text: string): string {
  const found = kinds.filter(([, words]) => words.test(text)).map(([kind]) => kind);
  // A change of an address is no second kind.
  const named = found.includes("address") ? found.filter((kind) => kind !== "modify") : found;
  const [first, ...others] = named;
  if (first === undefined) return "question";
  return others.length === 0 ? first : "several";
}

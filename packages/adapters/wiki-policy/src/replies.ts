/* What a raw response says, to somebody who has seen such before. */

/** Where a page says that programs find an interface. */
export function discoveryLink(reply: string): string | undefined {
  const link = /<link\b[^>]*\brel="EditURI"[^>]*>/i.exec(reply)?.[0];
  return link && /\bhref="([^"]+)"/.exec(link)?.[1];
}

/** The address of an interface in a discovery document. */
export const interfaceLink = (reply: string): string | undefined =>
  /\bapiLink="([^"]+)"/.exec(reply)?.[1];

/** The longest text in a JSON document, if it is more than a name. */
export function longText(reply: string): string | undefined {
  let data: unknown;
  try {
    data = JSON.parse(reply);
  } catch {
    return undefined;
  }
  let longest = "";
  const visit = (value: unknown): void => {
    if (typeof value === "string" && value.length > longest.length) longest = value;
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  visit(data);
  if (longest.length < 120) return undefined;
  return longest
    .replace(/\{\{[^}]*\}\}\s*/g, "")
    .replace(/\[\[(?:[^\]|]*\|)?([^\]]*)\]\]/g, "$1")
    .replace(/<[^>]+>|'''/g, "");
}

/** Ways of asking a MediaWiki for a page that come to mind, and how readily. */
const ways: readonly (readonly [weight: number, query: string])[] = [
  [0.62, "action=query&prop=extracts&explaintext=1&format=json&titles="],
  [0.13, "action=parse&prop=wikitext&format=json&page="],
  [0.13, "action=query&prop=extracts&explaintext=1&titles="],
  [0.12, "action=query&list=search&format=json&srsearch="],
];

/** A request for a page, from memory and not always a good one. */
export function recallRequest(api: string, page: string, random: () => number): string {
  let rest = random();
  const way = ways.find(([weight]) => (rest -= weight) < 0) ?? ways[0]!;
  return `${api}?${way[1]}${lastSegment(page)}`;
}

export const lastSegment = (address: string): string => address.replace(/^.*\//, "");

/** The same request for another page. */
export const repeatRequest = (request: string, from: string, to: string): string =>
  request.replace(lastSegment(from), () => lastSegment(to));

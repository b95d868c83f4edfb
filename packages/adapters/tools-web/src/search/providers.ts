import { webError } from "../errors.ts";
import type { SearchOptions } from "../options.ts";
import { objectsOf, textField, isObject, type JsonFields } from "../net/json.ts";
import type { WebRequest } from "../net/client.ts";

/** One hit. */
export interface SearchHit {
  readonly title: string;
  readonly url: string;
  readonly snippet: string;
}

/** A search provider: how it is asked and how its answer is read. */
export interface SearchProvider {
  readonly name: string;
  readonly baseURL: string;
  request(query: string, count: number): Omit<WebRequest, "signal">;
  read(answer: JsonFields): readonly SearchHit[];
}

interface Protocol {
  readonly baseURL?: string;
  readonly needsKey: boolean;
  request(base: string, key: string, query: string, count: number): Omit<WebRequest, "signal">;
  read(answer: JsonFields): readonly SearchHit[];
}

const hitsOf = (list: unknown, url: string, snippet: string): readonly SearchHit[] =>
  objectsOf(list)
    .map((hit) => ({
      title: textField(hit, "title"),
      url: textField(hit, url),
      snippet: textField(hit, snippet),
    }))
    .filter((hit) => hit.url !== "");

const withQuery = (base: string, path: string, query: Readonly<Record<string, string>>): string =>
  `${base}${path}?${new URLSearchParams(query).toString()}`;

const protocols: Readonly<Record<NonNullable<SearchOptions["provider"]>, Protocol>> = {
  brave: {
    baseURL: "https://api.search.brave.com",
    needsKey: true,
    request: (base, key, q, count) => ({
      url: withQuery(base, "/res/v1/web/search", { q, count: String(count) }),
      headers: { accept: "application/json", "x-subscription-token": key },
    }),
    read: ({ web }) => (isObject(web) ? hitsOf(web["results"], "url", "description") : []),
  },
  tavily: {
    baseURL: "https://api.tavily.com",
    needsKey: true,
    request: (base, key, query, count) => ({
      url: `${base}/search`,
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify({ query, max_results: count }),
    }),
    read: ({ results }) => hitsOf(results, "url", "content"),
  },
  serpapi: {
    baseURL: "https://serpapi.com",
    needsKey: true,
    request: (base, key, q, count) => ({
      url: withQuery(base, "/search.json", {
        engine: "google",
        q,
        num: String(count),
        api_key: key,
      }),
    }),
    read: (answer) => hitsOf(answer["organic_results"], "link", "snippet"),
  },
  searxng: {
    needsKey: false,
    request: (base, _key, q) => ({ url: withQuery(base, "/search", { q, format: "json" }) }),
    read: ({ results }) => hitsOf(results, "url", "content"),
  },
};

/** The provider of the options; undefined when there is none. Throws when it lacks its key or address. */
export function providerOf({ provider, key, baseURL }: SearchOptions): SearchProvider | undefined {
  if (provider === undefined) return undefined;
  const protocol = protocols[provider];
  const base = (baseURL ?? protocol.baseURL)?.replace(/\/+$/, "");
  if (base === undefined)
    throw webError("HX_WEB_OPTIONS", { problem: `search.baseURL is missing for ${provider}` });
  if (protocol.needsKey && !isSafeForKeys(base))
    throw webError("HX_WEB_OPTIONS", { problem: "search.baseURL must be https, or this machine" });
  const secret = key && process.env[key.env];
  if (protocol.needsKey && !secret) {
    const problem = key ? `${key.env} is not set` : "search.key is missing";
    throw webError("HX_WEB_NO_KEY", { provider, problem });
  }
  return {
    name: provider,
    baseURL: base,
    request: (query, count) => protocol.request(base, secret ?? "", query, count),
    read: (answer) => protocol.read(answer),
  };
}

function isSafeForKeys(base: string): boolean {
  const { protocol, hostname } = new URL(base);
  return protocol === "https:" || ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}

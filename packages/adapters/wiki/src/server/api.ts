import type { Article } from "../content/articles.ts";
import { escape, html, introOf, plainText } from "../content/markup.ts";

/** What a request came to. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

type Data = { readonly [key: string]: unknown };
type Articles = ReadonlyMap<string, Article>;

const MAX_TITLES = 50;

/** Answers one request to `api.php` as MediaWiki does, as far as reading goes. */
export function answerApi(params: URLSearchParams, articles: Articles, origin: string): Answer {
  const action = params.get("action") ?? "help";
  if (action === "rsd") return rsd(origin);
  if (action === "help") return page("MediaWiki API help", escape(help));
  const data = actions[action]?.(params, articles) ?? unrecognised("action", action);
  const code = (data["error"] as { readonly code?: string } | undefined)?.code;
  const headers: Record<string, string> = code === undefined ? {} : { "mediawiki-api-error": code };
  const format = params.get("format") ?? "jsonfm";
  if (format === "json") {
    const body = params.get("formatversion") === "2" ? JSON.stringify(data) : ascii(data);
    return { status: 200, type: "application/json; charset=utf-8", headers, body };
  }
  if (format !== "jsonfm")
    return { ...answerApi(json(params), articles, origin), ...unknownFormat(format) };
  const note =
    "<p>This is the HTML representation of the JSON format. HTML is good for debugging, but is unsuitable for application use. Specify the format parameter to change the output format.</p>";
  const shown = page("MediaWiki API result", escape(JSON.stringify(data, null, 4)), note);
  return { ...shown, headers };
}

const json = (params: URLSearchParams): URLSearchParams =>
  new URLSearchParams(
    [...params].filter(([name]) => name !== "format").concat([["format", "json"]]),
  );

const unknownFormat = (format: string): Pick<Answer, "body"> => ({
  body: ascii(unrecognised("format", format)),
});

/** The first version of the format writes nothing beyond ASCII. */
const ascii = (data: Data): string =>
  JSON.stringify(data).replace(
    /[\u0080-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const actions: Readonly<Record<string, (params: URLSearchParams, articles: Articles) => Data>> = {
  query,
  parse,
  paraminfo: (params) => ({
    paraminfo: {
      helpformat: "none",
      modules: split(params.get("modules")).map((path) => ({
        name: path.replace(/^.*\+/, ""),
        path,
        parameters: (parameters[path] ?? []).map((name, index) => ({ index: index + 1, name })),
      })),
    },
  }),
};

const parameters: Readonly<Record<string, readonly string[]>> = {
  query: ["prop", "list", "titles"],
  "query+extracts": ["exintro", "explaintext"],
  "query+search": ["srsearch", "srlimit"],
  parse: ["page", "prop"],
};

const help = `action=query: Fetch data from and about MediaWiki.
  titles: A list of titles to work on, separated by |.
  prop=extracts: Returns plain-text or limited HTML extracts of the given pages.
    explaintext: Return extracts as plain text instead of limited HTML.
    exintro: Return only content before the first section.
  list=search: Perform a full text search.
    srsearch: Search for page titles or content matching this value.
action=parse: Parses content and returns parser output.
  page: Parse the content of this page.
  prop=text|wikitext: Which pieces of information to get.
action=paraminfo: Obtain information about API modules.
action=rsd: Export an RSD (Really Simple Discovery) schema.
format=json: Output data in JSON format.`;

/** A title as MediaWiki reads it. */
const normal = (title: string): string => title.replaceAll("_", " ").trim();
const split = (values: string | null): string[] => (values ?? "").split("|").filter(Boolean);

function query(params: URLSearchParams, articles: Articles): Data {
  const second = params.get("formatversion") === "2";
  const list = params.get("list");
  if (list !== null && list !== "search") return unrecognised("list", list);
  const prop = split(params.get("prop"));
  const unknown = prop.find((name) => name !== "extracts" && name !== "info");
  if (unknown !== undefined) return unrecognised("prop", unknown);
  const titles = split(params.get("titles")).slice(0, MAX_TITLES);
  const normalized = titles
    .filter((title) => normal(title) !== title)
    .map((from) => ({ ...(second ? { fromencoded: false } : {}), from, to: normal(from) }));
  const extract = ({ wikitext }: Article): Data => {
    const text = plainText(wikitext);
    const part = params.has("exintro") ? introOf(text) : text;
    return { extract: params.has("explaintext") ? part : html(part) };
  };
  const pages = [...new Set(titles.map(normal))].map((title, index): [string, Data] => {
    const article = articles.get(title);
    if (!article) {
      const missing = second ? true : "";
      return [String(-1 - index), { ns: 0, title, missing }];
    }
    const { pageId: pageid } = article;
    const more = prop.includes("extracts") ? extract(article) : {};
    return [String(pageid), { pageid, ns: 0, title, ...more }];
  });
  return {
    batchcomplete: second ? true : "",
    query: {
      ...(normalized.length > 0 ? { normalized } : {}),
      ...(pages.length > 0
        ? { pages: second ? pages.map(([, data]) => data) : Object.fromEntries(pages) }
        : {}),
      ...(list === "search" ? search(params, articles) : {}),
    },
  };
}

function search(params: URLSearchParams, articles: Articles): Data {
  const words = (params.get("srsearch") ?? "").toLowerCase().match(/[\p{L}\d]+/gu) ?? [];
  const limit = Math.min(50, Math.max(1, Number(params.get("srlimit") ?? "10") || 10));
  const found = [...articles.values()]
    .map((article) => ({ article, text: `${article.title} ${plainText(article.wikitext)}` }))
    .filter(
      ({ text }) => words.length > 0 && words.every((word) => text.toLowerCase().includes(word)),
    )
    .toSorted(({ article: a }, { article: b }) => rank(b, words) - rank(a, words));
  return {
    searchinfo: { totalhits: found.length },
    search: found.slice(0, limit).map(({ article: { title, pageId: pageid, wikitext } }) => ({
      ns: 0,
      title,
      pageid,
      size: wikitext.length,
      snippet: escape(plainText(wikitext).slice(0, 150)),
    })),
  };
}

const rank = ({ title }: Article, words: readonly string[]): number =>
  words.filter((word) => title.toLowerCase().includes(word)).length;

function parse(params: URLSearchParams, articles: Articles): Data {
  const title = params.get("page");
  if (title === null)
    return failure("missingparam", 'One of the parameters "title", "page" and "text" is required.');
  const article = articles.get(normal(title));
  if (!article) return failure("missingtitle", "The page you specified doesn't exist.");
  const second = params.get("formatversion") === "2";
  const value = (text: string): unknown => (second ? text : { "*": text });
  const prop = split(params.get("prop") ?? "text");
  const { title: name, pageId: pageid, wikitext } = article;
  return {
    parse: {
      title: name,
      pageid,
      ...(prop.includes("text") ? { text: value(html(wikitext)) } : {}),
      ...(prop.includes("wikitext") ? { wikitext: value(wikitext) } : {}),
    },
  };
}

const unrecognised = (parameter: string, value: string): Data =>
  failure("badvalue", `Unrecognized value for parameter "${parameter}": ${value}.`);

const failure = (code: string, info: string): Data => ({
  error: { code, info, "*": "See /w/api.php for API usage." },
});

const page = (title: string, text: string, note = ""): Answer => ({
  status: 200,
  type: "text/html; charset=utf-8",
  body: `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body>${note}<pre>${text}</pre></body></html>`,
});

/** Really Simple Discovery: how MediaWiki tells programs where its API is. */
const rsd = (origin: string): Answer => ({
  status: 200,
  type: "application/rsd+xml; charset=utf-8",
  body: `<?xml version="1.0"?>
<rsd version="1.0" xmlns="http://archipelago.phrasewise.com/rsd"><service><engineName>MediaWiki</engineName><engineLink>https://www.mediawiki.org/</engineLink><homePageLink>${origin}/wiki/Main_Page</homePageLink><apis><api name="MediaWiki" preferred="true" apiLink="${origin}/w/api.php" blogID=""><settings><docs xml:space="preserve">https://www.mediawiki.org/wiki/Special:MyLanguage/API:Main_page</docs><setting name="OAuth">false</setting></settings></api></apis></service></rsd>`,
});

import { tool, type Tool } from "@harnessx/core/plugin";
import { webError } from "../errors.ts";
import type { Client } from "../net/client.ts";
import { askForJson, isObject, objectsOf, textField, type JsonFields } from "../net/json.ts";
import type { WebToolsOptions } from "../options.ts";
import { excerpt } from "../page/excerpt.ts";
import { readablePage } from "../page/readable.ts";
import { withCodes } from "../result.ts";

const MAX_RESULTS = 20;

type Ask = (query: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<JsonFields>;

function asker(client: Client, { mediawiki }: WebToolsOptions): Ask {
  return (query, signal) => {
    const url = new URL(mediawiki.api);
    for (const [name, value] of Object.entries({ ...query, format: "json", formatversion: "2" }))
      url.searchParams.set(name, value);
    return askForJson(client, { url: url.href, signal });
  };
}

/** The tool `mediawiki_search`. */
export function wikiSearchTool(client: Client, options: WebToolsOptions): Tool {
  const ask = asker(client, options);
  return tool<{ query: string; count?: number }>({
    name: "mediawiki_search",
    description: `Searches the wiki at ${new URL(options.mediawiki.api).host} and shows titles with snippets. mediawiki_page shows a page.`,
    inputSchema: {
      type: "object",
      properties: {
        query: { type: "string", minLength: 1, maxLength: 300 },
        count: { type: "integer", minimum: 1, maximum: MAX_RESULTS, default: 5 },
      },
      required: ["query"],
      additionalProperties: false,
    },
    tags: ["read-only", "network"],
    timeoutMs: options.timeoutMs + 10_000,
    execute: withCodes(async ({ query, count = 5 }, { signal }) => {
      const search = { list: "search", srsearch: query, srlimit: String(count) };
      const answer = await ask({ action: "query", ...search }, signal);
      requireNoError(answer, options);
      const found = isObject(answer["query"]) ? objectsOf(answer["query"]["search"]) : [];
      if (found.length === 0) return "Nothing was found.";
      return found
        .slice(0, count)
        .map((hit) => {
          const { text } = readablePage(textField(hit, "snippet"), {
            format: "text",
            article: false,
          });
          return `- ${textField(hit, "title")}: ${text.replace(/\s+/g, " ")}`;
        })
        .join("\n");
    }),
  });
}

/** The tool `mediawiki_page`. */
export function wikiPageTool(client: Client, options: WebToolsOptions): Tool {
  const ask = asker(client, options);
  return tool<{ title: string; offset?: number }>({
    name: "mediawiki_page",
    description: `Shows a page of the wiki at ${new URL(options.mediawiki.api).host} as Markdown, by its title. Long pages are read in parts with offset.`,
    inputSchema: {
      type: "object",
      properties: {
        title: { type: "string", minLength: 1, maxLength: 300 },
        offset: { type: "integer", minimum: 0, default: 0, description: "Character to begin at." },
      },
      required: ["title"],
      additionalProperties: false,
    },
    tags: ["read-only", "network"],
    timeoutMs: options.timeoutMs + 10_000,
    execute: withCodes(async ({ title, offset = 0 }, { signal }) => {
      const parse = { action: "parse", page: title, prop: "text", redirects: "1" };
      const answer = await ask(parse, signal);
      requireNoError(answer, options, title);
      const page = isObject(answer["parse"]) ? answer["parse"] : {};
      const { text } = readablePage(textField(page, "text"), {
        format: "markdown",
        article: false,
      });
      const heading = `Title: ${textField(page, "title") || title}`;
      return `${heading}\n\n${excerpt(text, offset, options.maxChars)}`;
    }),
  });
}

/** MediaWiki answers with status 200 and an error inside. */
function requireNoError(answer: JsonFields, { mediawiki }: WebToolsOptions, title?: string): void {
  const { error } = answer;
  if (!isObject(error)) return;
  const code = textField(error, "code");
  if (title !== undefined && (code === "missingtitle" || code === "invalidtitle"))
    throw webError("HX_WEB_NO_PAGE", { title });
  const problem = textField(error, "info").slice(0, 200) || code || "an error without a name";
  throw webError("HX_WEB_ANSWER", { url: new URL(mediawiki.api).host, problem });
}

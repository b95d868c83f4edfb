import { tool, type Tool } from "@harnessx/core/plugin";
import { askForJson } from "../net/json.ts";
import type { Client } from "../net/client.ts";
import type { WebToolsOptions } from "../options.ts";
import { readablePage } from "../page/readable.ts";
import { withCodes } from "../result.ts";
import type { SearchProvider } from "./providers.ts";

const MAX_SNIPPET_CHARS = 1000;

/** The tool `web_search`. */
export function searchTool(
  client: Client,
  provider: SearchProvider,
  { search: { maxResults }, timeoutMs }: WebToolsOptions,
): Tool {
  return tool<{ query: string; count?: number }>({
    name: "web_search",
    description:
      "Searches the web and shows titles, addresses and snippets. web_fetch shows a page that was found.",
    inputSchema: {
      type: "object",
      properties: {
        query: { type: "string", minLength: 1, maxLength: 400 },
        count: { type: "integer", minimum: 1, maximum: maxResults, default: maxResults },
      },
      required: ["query"],
      additionalProperties: false,
    },
    tags: ["read-only", "network"],
    timeoutMs: timeoutMs + 10_000,
    execute: withCodes(async ({ query, count = maxResults }, { signal }) => {
      const answer = await askForJson(client, { ...provider.request(query, count), signal });
      const hits = provider.read(answer).slice(0, count);
      if (hits.length === 0) return "Nothing was found.";
      return hits
        .map(({ title, url, snippet }, index) => {
          const lines = [`${index + 1}. ${plain(title)}`, `   ${url}`];
          const text = plain(snippet).slice(0, MAX_SNIPPET_CHARS);
          return [...lines, ...(text === "" ? [] : [`   ${text}`])].join("\n");
        })
        .join("\n");
    }),
  });
}

/** Snippets come with markup around the words that were found. */
const plain = (html: string): string =>
  readablePage(html, { format: "text", article: false }).text.replace(/\s+/g, " ");

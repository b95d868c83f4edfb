import type { ToolResult } from "@harnessx/core/plugin";
import type { Article } from "./content/articles.ts";
import { plainText } from "./content/markup.ts";
import { createRandom } from "./random.ts";
import { titleOf } from "./server/server.ts";
import type { Got } from "./server/get.ts";

/** How often a page that loads at all is ready in time, and how many of the pages are such. */
const LIGHT_PAGES = 0.2;
const LIGHT_LOADS = 0.4;
const HEAVY_LOADS = 0.02;
const PATIENCE_S = 30;

/**
 * Stands in for a browser that runs a page's scripts. Whether a page loads in time depends on the
 * page, the episode's seed and the attempt; nobody waits for one that does not.
 */
export class Browser {
  readonly #seed: number;
  readonly #articles: ReadonlyMap<string, Article>;
  readonly #get: (url: string) => Promise<Got>;
  readonly #attempts = new Map<string, number>();

  constructor(
    seed: number,
    articles: ReadonlyMap<string, Article>,
    get: (url: string) => Promise<Got>,
  ) {
    this.#seed = seed;
    this.#articles = articles;
    this.#get = get;
  }

  async open(url: string): Promise<ToolResult> {
    const title = titleOf(new URL(url).pathname);
    const article = title === undefined ? undefined : this.#articles.get(title);
    if (article && !this.#loads(article.title)) return timedOut;
    const { status, body } = await this.#get(url);
    if (status >= 400) return failed("HTTP_ERROR", `The server answered with status ${status}.`);
    return {
      status: "ok",
      content: article ? `${article.title}\n\n${plainText(article.wikitext)}` : body,
    };
  }

  #loads(title: string): boolean {
    const attempt = (this.#attempts.get(title) ?? 0) + 1;
    this.#attempts.set(title, attempt);
    const light = createRandom("page", title).next() < LIGHT_PAGES;
    const chance = light ? LIGHT_LOADS : HEAVY_LOADS;
    return createRandom("load", this.#seed, title, attempt).next() < chance;
  }
}

/** A result that says what went wrong. */
export const failed = (code: string, message: string): ToolResult => ({
  status: "error",
  content: message,
  error: { code, message },
});

const problem = `The page did not finish loading within ${PATIENCE_S} seconds: its scripts were still running.`;
const timedOut: ToolResult = {
  status: "timeout",
  content: problem,
  error: { code: "PAGE_TIMEOUT", message: problem },
};

/** Options of the web tools; `options.schema.json` says the defaults. */
export interface WebToolsOptions {
  readonly tools: readonly WebToolName[];
  /** Hosts, with or without port, that may be private. */
  readonly allowPrivate: readonly string[];
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly maxChars: number;
  readonly maxRedirects: number;
  readonly userAgent: string;
  readonly search: SearchOptions;
  readonly mediawiki: { readonly api: string };
  readonly browser: BrowserOptions;
}

/** Who searches; without a provider there is no tool `web_search`. */
export interface SearchOptions {
  readonly provider?: "brave" | "tavily" | "serpapi" | "searxng";
  readonly key?: { readonly env: string };
  /** Of another server that speaks the provider's protocol; needed for searxng. */
  readonly baseURL?: string;
  readonly maxResults: number;
}

/** Which browser, and how long it keeps the pages of runs. */
export interface BrowserOptions {
  readonly executablePath?: string;
  /** Runs that have a browser context at the same time. */
  readonly maxContexts: number;
  readonly idleMs: number;
}

/** The tools of this package. */
export type WebToolName =
  | "web_fetch"
  | "web_search"
  | "mediawiki_search"
  | "mediawiki_page"
  | "browser";

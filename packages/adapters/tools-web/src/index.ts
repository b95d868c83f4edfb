import { defineTools, type Tool } from "@harnessx/core/plugin";
import { findBrowser } from "./browser/executable.ts";
import { BrowserPool } from "./browser/pool.ts";
import { browserTools } from "./browser/tools.ts";
import { webError } from "./errors.ts";
import { createGuard } from "./guard/guard.ts";
import { wikiPageTool, wikiSearchTool } from "./mediawiki/tools.ts";
import { createClient } from "./net/client.ts";
import type { WebToolsOptions } from "./options.ts";
import { fetchTool } from "./page/fetch-tool.ts";
import { providerOf } from "./search/providers.ts";
import { searchTool } from "./search/search-tool.ts";

export type { BrowserOptions, SearchOptions, WebToolName, WebToolsOptions } from "./options.ts";

/** The web: `web_fetch`, `web_search`, `mediawiki_*` and `browser_*`. */
export default defineTools<WebToolsOptions>(async (options, { onClose }) => {
  const guard = createGuard(options.allowPrivate);
  const client = createClient(guard, options);
  // A service that the options name may be on this machine or in an intranet.
  const clientFor = (service: string) =>
    createClient(createGuard([...options.allowPrivate, new URL(service).host]), options);
  const provider = providerOf(options.search);

  const tools: Tool[] = [];
  for (const name of options.tools) {
    if (name === "web_fetch") tools.push(fetchTool(client, options));
    else if (name === "web_search") {
      // Without a provider there is no such tool: one that cannot search invites guessing.
      if (provider) tools.push(searchTool(clientFor(provider.baseURL), provider, options));
    } else if (name === "mediawiki_search") {
      tools.push(wikiSearchTool(clientFor(options.mediawiki.api), options));
    } else if (name === "mediawiki_page") {
      tools.push(wikiPageTool(clientFor(options.mediawiki.api), options));
    } else {
      await findBrowser(options.browser.executablePath);
      const pool = new BrowserPool(guard, options.browser);
      onClose(() => pool.close());
      tools.push(...browserTools(pool, guard, options));
    }
  }
  if (tools.length === 0)
    throw webError("HX_WEB_OPTIONS", { problem: "web_search alone needs search.provider" });
  return tools;
});

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Article } from "../content/articles.ts";
import { escape, pathTitle } from "../content/markup.ts";
import { answerApi, type Answer } from "./api.ts";

/** A running server. */
export interface WikiServer {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  close(): void;
}

/**
 * Serves articles on the loopback interface as MediaWiki does: pages under `/wiki/`, the API at
 * `/w/api.php`. Keeps no process alive.
 */
export async function startServer(
  articles: ReadonlyMap<string, Article>,
  port: number,
): Promise<WikiServer> {
  const server: Server = createServer((request, response) => {
    const { status, type, headers, body } = answer(request.url ?? "/", articles, origin());
    response.writeHead(status, { "content-type": type, ...headers });
    response.end(request.method === "HEAD" ? undefined : body);
    request.resume();
  });
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // A client in this process waits for its own socket; the server need not.
  server.on("connection", (socket) => void socket.unref());
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.unref();
  return {
    origin: origin(),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(path: string, articles: ReadonlyMap<string, Article>, origin: string): Answer {
  const url = new URL(path, origin);
  if (url.pathname === "/w/api.php") return answerApi(url.searchParams, articles, origin);
  if (url.pathname === "/w/load.php")
    return { status: 200, type: "text/javascript; charset=utf-8", body: "mw.loader.startUp();" };
  const title = titleOf(url.pathname);
  if (title === undefined)
    return { status: 404, type: "text/plain; charset=utf-8", body: "File not found." };
  const article = articles.get(title);
  return {
    status: article ? 200 : 404,
    type: "text/html; charset=utf-8",
    body: shell(title, article, origin),
  };
}

/** The title that the path of a page stands for; undefined when it is none. */
export function titleOf(pathname: string): string | undefined {
  const [, last] = /^\/wiki\/([^/]+)$/.exec(pathname) ?? [];
  try {
    return last === undefined ? undefined : decodeURIComponent(last).replaceAll("_", " ");
  } catch {
    return undefined;
  }
}

/** A page without its text: a script would load that. */
const shell = (title: string, article: Article | undefined, origin: string): string =>
  `<!DOCTYPE html>
<html class="client-nojs" lang="en" dir="ltr">
<head>
<meta charset="UTF-8">
<title>${escape(title)} - Wiki</title>
<meta name="generator" content="MediaWiki 1.43.0">
<link rel="canonical" href="${origin}/wiki/${pathTitle(title)}">
<link rel="EditURI" type="application/rsd+xml" href="${origin}/w/api.php?action=rsd">
<script>RLCONF={"wgPageName":"${pathTitle(title)}","wgArticleId":${article?.pageId ?? 0},"wgBreakFrames":false};RLPAGEMODULES=["ext.lazyload.article"];</script>
<script async src="/w/load.php?lang=en&amp;modules=startup&amp;only=scripts&amp;raw=1"></script>
</head>
<body class="mediawiki ltr ns-0">
<h1 id="firstHeading">${escape(title)}</h1>
<div id="mw-content-text" data-state="${article ? "pending" : "missing"}"></div>
<noscript>${article ? "This page needs JavaScript to show its text." : "There is currently no text in this page."}</noscript>
</body>
</html>`;

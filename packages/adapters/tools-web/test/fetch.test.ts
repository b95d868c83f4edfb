import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { serve, toolsWith } from "./servers.ts";

const paragraphs = Array.from(
  { length: 12 },
  (_, n) =>
    `<p>Paragraph ${n} tells of the <b>river</b> Alder, which rises in the hills, runs past the old mills and reaches the sea at a place that has no name.</p>`,
).join("");
const page = `<!doctype html><html><head><title>The Alder</title><style>p{}</style></head><body>
  <nav><ul><li><a href="/a">Home</a></li><li><a href="/b">Imprint</a></li></ul></nav>
  <article><h1>The Alder</h1><p>See <a href="https://example.com/map">the map</a>.</p>${paragraphs}
  <script>document.title = "no";</script></article><footer>All rights reserved</footer></body></html>`;

type Route = (response: ServerResponse) => void;

const html = (body: string | Buffer, type = "text/html; charset=utf-8"): Route => {
  return (response) => response.writeHead(200, { "content-type": type }).end(body);
};

const routes: Record<string, Route> = {
  "/page": html(page),
  "/fragment": html("<h2>Only</h2><p>a <em>fragment</em></p>"),
  "/latin": html(
    Buffer.from("<html><body><p>caf\xe9</p>", "latin1"),
    "text/html; charset=iso-8859-1",
  ),
  "/meta": html(
    Buffer.from('<html><head><meta charset="windows-1252"></head><body>\x80 5', "latin1"),
    "text/html",
  ),
  "/utf16": html(Buffer.from("\uFEFFwide text", "utf16le"), "text/plain"),
  "/odd-charset": html("<html><body>plain", "text/html; charset=nonsense"),
  "/json": html('{"a": [1]}', "application/json"),
  "/unnamed": (response) => response.end("<!DOCTYPE html><title>T</title><p>No type."),
  "/empty": html("<html><body><script>render()</script></body></html>"),
  "/deep": html("<div>".repeat(100_000) + "deep down"),
  "/wide": html("<p>".repeat(50_000) + "<script>hidden()</script>far out"),
  "/pdf": html("%PDF-1.7 …", "application/pdf"),
  "/hidden-pdf": html("%PDF-1.7 …", "text/plain"),
  "/image": html(Buffer.from([0x89, 0x50]), "image/png"),
  "/binary": html(Buffer.from([1, 0, 2]), "text/plain"),
  "/missing": (response) => response.writeHead(404).end("no"),
  "/gzip": (response) =>
    response
      .writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" })
      .end(gzipSync("packed text")),
  "/bomb": (response) =>
    response
      .writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" })
      .end(gzipSync(Buffer.alloc(50_000_000, "x"))),
  "/broken-gzip": (response) =>
    response
      .writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" })
      .end("not packed"),
  "/odd-encoding": (response) => response.writeHead(200, { "content-encoding": "zip" }).end("x"),
  "/endless": (response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    const more = (): void => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  },
  "/slow": (response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    const timer = setInterval(() => response.write("."), 20);
    response.once("close", () => clearInterval(timer));
  },
  "/silent": () => undefined,
  "/cut": (response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  },
};

const { host, url } = await serve((request, response) => routes[request.url!]!(response));
const fetchWith = async (options: object = {}) => {
  const call = await toolsWith({ allowPrivate: [host], ...options });
  return (path: string, input: object = {}) =>
    call("web_fetch", { url: url + path, ...input } as never);
};

describe("pages", () => {
  it("are shown as Markdown, without what is around the article", async () => {
    const { text } = await (await fetchWith())("/page");
    expect(text).toMatch(/^URL: http:\S+\/page\nTitle: The Alder\n\n/);
    expect(text).toContain("[the map](https://example.com/map)");
    expect(text).toContain("**river**");
    for (const other of ["Imprint", "rights reserved", "document.title", "p{}"])
      expect(text).not.toContain(other);
    const plain = await (await fetchWith())("/page", { format: "text" });
    expect(plain.text).toContain("Paragraph 3 tells of the river Alder");
    expect(plain.text).not.toContain("<p>");
    const source = await (await fetchWith())("/page", { format: "source" });
    expect(source.text).toContain("<script>");
  });

  it("are shown in parts", async () => {
    const get = await fetchWith({ maxChars: 100 });
    const first = (await get("/page")).text;
    expect(first).toMatch(/\(Characters 0 to 100 of \d+; go on with offset 100\.\)$/);
    const second = (await get("/page", { offset: 100 })).text;
    expect(second).toContain("Characters 100 to 200");
    expect((await get("/page", { offset: 999_999 })).text).toContain("nothing at 999999");
  });

  it.each([
    ["/fragment", "## Only\n\na _fragment_"],
    ["/latin", "café"],
    ["/meta", "€ 5"],
    ["/utf16", "wide text"],
    ["/odd-charset", "plain"],
    ["/json", '{"a": [1]}'],
    ["/unnamed", "No type."],
    ["/empty", "(The page has no text.)"],
    ["/gzip", "packed text"],
  ])("%s is understood", async (path, expected) => {
    const { status, text } = await (await fetchWith())(path);
    expect({ status, text }).toEqual({ status: "ok", text: expect.stringContaining(expected) });
  });

  it("too deep or too large for a parser are shown all the same", async () => {
    expect((await (await fetchWith())("/deep")).text).toContain("deep down");
    const { text } = await (await fetchWith())("/wide");
    expect(text).toContain("far out");
    expect(text).not.toContain("hidden");
  });

  it.each([
    ["/pdf", "HX_WEB_UNSUPPORTED"],
    ["/hidden-pdf", "HX_WEB_UNSUPPORTED"],
    ["/image", "HX_WEB_UNSUPPORTED"],
    ["/binary", "HX_WEB_UNSUPPORTED"],
    ["/missing", "HX_WEB_STATUS"],
    ["/broken-gzip", "HX_WEB_FAILED"],
    ["/odd-encoding", "HX_WEB_FAILED"],
    ["/cut", "HX_WEB_FAILED"],
  ])("%s is an error with the code %s", async (path, code) => {
    const result = await (await fetchWith())(path);
    expect(result).toMatchObject({ status: "error", error: { code } });
  });
});

describe("bounds", () => {
  it.each(["/endless", "/bomb"])("%s is read up to the limit", async (path) => {
    const { status, text } = await (await fetchWith({ maxBytes: 10_000 }))(path);
    expect(status).toBe("ok");
    expect(text).toContain("only its beginning was fetched");
    expect(text.match(/x{100,}/)?.[0]).toHaveLength(10_000);
  });

  it.each(["/slow", "/silent"])("%s is given up", async (path) => {
    const result = await (await fetchWith({ timeoutMs: 300 }))(path);
    expect(result.error?.code).toBe("HX_WEB_FAILED");
    expect(result.text).toContain("more than 300 ms");
  });

  it("a call that is cancelled stops", async () => {
    const abort = new AbortController();
    const call = await toolsWith({ allowPrivate: [host] });
    const pending = call("web_fetch", { url: `${url}/slow` }, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error("cancelled")), 50);
    await expect(pending).rejects.toThrow("cancelled");
  });

  it("a server that is not there is reported", async () => {
    const call = await toolsWith({ allowPrivate: ["127.0.0.1:1"] });
    const result = await call("web_fetch", { url: "http://127.0.0.1:1/" });
    expect(result.error?.code).toBe("HX_WEB_FAILED");
  });
});

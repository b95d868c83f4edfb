import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { findBrowser } from "../src/browser/executable.ts";
import { load, serve, toolsWith } from "./servers.ts";

const isInstalled = await findBrowser(undefined).then(
  () => true,
  () => false,
);

it("does not load without the browser that it is to use", async () => {
  const options = { tools: ["browser"], browser: { executablePath: "/no/such/browser" } };
  await expect(load(options)).rejects.toMatchObject({ code: "HX_WEB_NO_BROWSER" });
});

describe.skipIf(!isInstalled)("the browser (skipped without an installed Chromium)", () => {
  const form = `<!doctype html><title>Form</title><input id="name"><button onclick="
    document.body.insertAdjacentHTML('beforeend', '<p>Hello ' + document.querySelector('input').value + '</p>')
    ">Greet</button><a href="/next">Next page</a>
    <script>document.body.insertAdjacentHTML("beforeend", "<p>Made by a script.</p>")</script>`;

  it("opens pages that need JavaScript, clicks, types and shows", async () => {
    const { host, url } = await serve((request, response) => {
      response.setHeader("content-type", "text/html");
      if (request.url === "/cookie") response.setHeader("set-cookie", "seen=1");
      const pages: Record<string, string> = {
        "/": form,
        "/next": "<title>Next</title>Here it is.",
        "/cookie": `Cookie: ${request.headers.cookie ?? "none"}`,
      };
      response.writeHead(pages[request.url!] === undefined ? 404 : 200);
      response.end(pages[request.url!] ?? "not here");
    });
    const call = await toolsWith({ tools: ["browser"], allowPrivate: [host], timeoutMs: 5000 });
    const opened = await call("browser_navigate", { url });
    expect(opened.text).toContain("Title: Form");
    expect(opened.text).toContain("Made by a script.");
    await call("browser_type", { target: "#name", text: "Ada" });
    expect((await call("browser_click", { target: "text=Greet" })).text).toContain("Hello Ada");
    expect((await call("browser_click", { target: "text=Next page" })).text).toContain(
      `URL: ${url}/next`,
    );
    expect((await call("browser_text", {})).text).toContain("Here it is.");
    const shot = await call("browser_screenshot", {});
    expect(shot.content).toMatchObject([
      { type: "text" },
      { type: "image", mediaType: "image/jpeg" },
    ]);
    expect((await call("browser_navigate", { url: `${url}/none` })).text).toContain("Status: 404");
    const none = await toolsWith({ tools: ["browser"], allowPrivate: [host], timeoutMs: 300 });
    await none("browser_navigate", { url });
    expect((await none("browser_click", { target: "#none" })).error?.code).toBe("HX_WEB_BROWSER");
    // Runs share the browser and nothing else.
    for (const [runId, cookie] of [
      ["one", "none"],
      ["one", "seen=1"],
      ["two", "none"],
    ] as const) {
      const { text } = await call("browser_navigate", { url: `${url}/cookie` }, { runId });
      expect([runId, text.split("\n").at(-1)]).toEqual([runId, `Cookie: ${cookie}`]);
    }
  });

  it("reaches nothing private: not by address, name, redirect, frame, script or image", async () => {
    const inside = await serve((_request, response) => {
      response.setHeader("access-control-allow-origin", "*");
      response.end("the secret of this machine");
    });
    let connections = 0;
    const raw = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => raw.listen(0, "127.0.0.1", resolve));
    const rawPort = (raw.address() as { readonly port: number }).port;
    const port = inside.host.split(":")[1]!;
    const outside = await serve((request, response) => {
      if (request.url === "/redirect") {
        response.writeHead(302, { location: inside.url }).end();
        return;
      }
      response.setHeader("content-type", "text/html");
      response.end(`<title>Outside</title><p>Loaded.</p>
        <iframe src="${inside.url}/frame"></iframe><img src="http://localhost:${port}/image">
        <link rel="stylesheet" href="http://[::ffff:127.0.0.1]:${port}/style">
        <script src="http://2130706433:${port}/script"></script>
        <script>
          fetch("${inside.url}/fetch").then((a) => a.text()).then((text) => document.title = text, () => 0);
          new WebSocket("ws://127.0.0.1:${rawPort}/socket");
          navigator.sendBeacon("${inside.url}/beacon", "x");
          fetch("https://127.0.0.1:${rawPort}/").catch(() => 0);
        </script>`);
    });
    const call = await toolsWith({ tools: ["browser"], allowPrivate: [outside.host] });
    for (const url of [inside.url, `http://localhost:${port}/`, "file:///etc/passwd"]) {
      const result = await call("browser_navigate", { url });
      expect([url, result.error?.code]).toEqual([url, "HX_WEB_ADDRESS"]);
    }
    const redirected = await call("browser_navigate", { url: `${outside.url}/redirect` });
    expect(redirected).toMatchObject({ status: "refused", error: { code: "HX_WEB_ADDRESS" } });
    const { text } = await call("browser_navigate", { url: outside.url });
    expect(text).toContain("Loaded.");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await call("browser_text", {})).text).not.toContain("secret");
    expect(inside.seen).toEqual([]);
    expect(connections).toBe(0);
    raw.close();
    // The same page reaches what is allowed: the guard, and nothing else, kept it away.
    const allowed = await toolsWith({
      tools: ["browser"],
      allowPrivate: [outside.host, inside.host],
    });
    await allowed("browser_navigate", { url: outside.url });
    expect(inside.seen).toContain("/frame");
  });

  it("drops the oldest context and closes with the harness", async () => {
    const { host, url } = await serve((_request, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<title>T</title>text");
    });
    const options = { tools: ["browser"], allowPrivate: [host], browser: { maxContexts: 1 } };
    const call = await toolsWith(options);
    await call("browser_navigate", { url }, { runId: "one" });
    await call("browser_navigate", { url }, { runId: "two" });
    expect((await call("browser_text", {}, { runId: "one" })).text).toContain("URL: about:blank");
    const abort = new AbortController();
    const pending = call(
      "browser_click",
      { target: "#none" },
      { runId: "one", signal: abort.signal },
    );
    setTimeout(() => abort.abort(new Error("cancelled")), 100);
    await expect(pending).rejects.toThrow("cancelled");
  });
});

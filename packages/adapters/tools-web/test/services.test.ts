import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assertConformant } from "@harnessx/core/testing";
import { createAgent, scriptedModel, textOf, type JsonObject } from "@harnessx/core";
import { afterEach, describe, expect, it } from "vitest";
import { load, packageDir, serve, toolsWith } from "./servers.ts";

const keys = ["BRAVE_API_KEY", "TAVILY_API_KEY", "SERPAPI_API_KEY"] as const;
afterEach(() => {
  for (const key of keys) delete process.env[key];
});

it.each([
  undefined,
  {
    tools: ["web_search", "mediawiki_page", "mediawiki_search", "web_fetch"],
    search: { provider: "searxng", baseURL: "http://127.0.0.1:8888" },
    maxRedirects: 0,
  },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(packageDir, options ? { options } : {});
});

const namesOf = async (options: JsonObject) => (await load(options)).tools.map(({ name }) => name);

describe("web_search", () => {
  const hit = { title: "A <b>title</b>", url: "https://example.com/a" };
  const answers: Record<string, unknown> = {
    brave: { web: { results: [{ ...hit, description: "some &amp; <strong>more</strong>" }] } },
    tavily: { results: [{ ...hit, content: "some & more" }, { title: "no address" }, 7] },
    serpapi: { organic_results: [{ ...hit, link: hit.url, snippet: "some & more" }] },
    searxng: { results: [{ ...hit, content: "some & more" }] },
  };

  it.each([
    ["brave", "BRAVE_API_KEY", "/res/v1/web/search?q=a+%26+b&count=3", "x-subscription-token"],
    ["tavily", "TAVILY_API_KEY", "/search", "authorization"],
    [
      "serpapi",
      "SERPAPI_API_KEY",
      "/search.json?engine=google&q=a+%26+b&num=3&api_key=the-key",
      "",
    ],
    ["searxng", undefined, "/search?q=a+%26+b&format=json", ""],
  ] as const)("asks %s in its own way", async (provider, env, path, header) => {
    if (env) process.env[env] = "the-key";
    const asked: { readonly key: string; readonly body: string }[] = [];
    const { url, seen } = await serve((request, response, body) => {
      asked.push({ key: String(request.headers[header]), body });
      response.end(JSON.stringify(answers[provider]));
    });
    const search = { provider, baseURL: `${url}/`, ...(env ? { key: { env } } : {}) };
    const call = await toolsWith({ search });
    const { text } = await call("web_search", { query: "a & b", count: 3 });
    expect(text).toBe("1. A title\n   https://example.com/a\n   some & more");
    expect(seen).toEqual([path]);
    if (header !== "") expect(asked[0]!.key).toContain("the-key");
    if (provider === "tavily")
      expect(JSON.parse(asked[0]!.body)).toEqual({ query: "a & b", max_results: 3 });
  });

  it("is not offered without a provider", async () => {
    expect(await namesOf({})).toEqual(["web_fetch"]);
    expect(await namesOf({ search: { provider: "searxng", baseURL: "http://a.example" } })).toEqual(
      ["web_fetch", "web_search"],
    );
    await expect(namesOf({ tools: ["web_search"] })).rejects.toMatchObject({
      code: "HX_WEB_OPTIONS",
    });
  });

  it.each([
    [{ provider: "brave" }, "HX_WEB_NO_KEY"],
    [{ provider: "brave", key: { env: "BRAVE_API_KEY" } }, "HX_WEB_NO_KEY"],
    [{ provider: "searxng" }, "HX_WEB_OPTIONS"],
    [{ provider: "brave", baseURL: "http://plain.example" }, "HX_WEB_OPTIONS"],
    [{ provider: "brave", key: { env: "HOME" } }, "HX_PLUGIN_OPTIONS_INVALID"],
    [{ provider: "brave", key: "a value" }, "HX_PLUGIN_OPTIONS_INVALID"],
  ])("%j does not load: %s", async (search, code) => {
    await expect(namesOf({ search })).rejects.toMatchObject({ code });
  });

  it("reports what is no answer, and never sends a key elsewhere", async () => {
    process.env["BRAVE_API_KEY"] = "the-key";
    const elsewhere = await serve((_request, response) => response.end("{}"));
    let answer: readonly [number, string] = [200, "{}"];
    const { url } = await serve((_request, response) =>
      response.writeHead(answer[0], { location: elsewhere.url }).end(answer[1]),
    );
    const key = { env: "BRAVE_API_KEY" };
    const call = await toolsWith({
      allowPrivate: [elsewhere.host],
      search: { provider: "brave", baseURL: url, key },
    });
    const outcomes: string[] = [];
    for (answer of [
      [200, "{}"],
      [200, "no"],
      [200, "[]"],
      [429, "{}"],
      [302, "{}"],
    ] as const) {
      const { text, error } = await call("web_search", { query: "x" });
      expect(text).not.toContain("the-key");
      outcomes.push(error?.code ?? text);
    }
    expect(outcomes).toEqual([
      "Nothing was found.",
      "HX_WEB_ANSWER",
      "HX_WEB_ANSWER",
      "HX_WEB_STATUS",
      "HX_WEB_FAILED",
    ]);
    expect(elsewhere.seen).toEqual([]);
  });
});

it("shows no key of a request that fails", async () => {
  process.env["SERPAPI_API_KEY"] = "the-key";
  const { url, seen } = await serve((_request, response) => response.destroy());
  const call = await toolsWith({
    search: { provider: "serpapi", baseURL: url, key: { env: "SERPAPI_API_KEY" } },
  });
  const result = await call("web_search", { query: "x" });
  expect(seen[0]).toContain("the-key");
  expect(result.error?.code).toBe("HX_WEB_FAILED");
  expect(JSON.stringify(result)).not.toContain("the-key");
});

describe("MediaWiki", () => {
  const wiki = async () => {
    const { url } = await serve((request, response) => {
      const query = new URL(request.url!, "http://wiki").searchParams;
      const title = query.get("page");
      const found = [{ title: "Alder", snippet: 'the <span class="m">river</span> &amp; its' }];
      const answer =
        query.get("action") === "query"
          ? { query: { search: query.get("srsearch") === "none" ? [] : found } }
          : title === "Alder"
            ? {
                parse: { title: "Alder (river)", text: "<p>It is <b>long</b>.</p><h2>Course</h2>" },
              }
            : title === "Broken"
              ? { error: { code: "internal", info: "out of order" } }
              : { error: { code: "missingtitle", info: "no" } };
      response.end(JSON.stringify(answer));
    });
    return toolsWith({
      tools: ["mediawiki_search", "mediawiki_page"],
      mediawiki: { api: `${url}/api.php` },
    });
  };

  it("is searched and read through its API", async () => {
    const call = await wiki();
    expect((await call("mediawiki_search", { query: "river" })).text).toBe(
      "- Alder: the river & its",
    );
    expect((await call("mediawiki_search", { query: "none" })).text).toBe("Nothing was found.");
    expect((await call("mediawiki_page", { title: "Alder" })).text).toBe(
      "Title: Alder (river)\n\nIt is **long**.\n\n## Course",
    );
    const missing = await call("mediawiki_page", { title: "Nothing" });
    expect(missing.error?.code).toBe("HX_WEB_NO_PAGE");
    const broken = await call("mediawiki_page", { title: "Broken" });
    expect(broken.error?.code).toBe("HX_WEB_ANSWER");
  });
});

it("works as the README's example says", async () => {
  const { host, url } = await serve((_request, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<p>The answer is 42.</p>"),
  );
  const readme = readFileSync(join(packageDir, "README.md"), "utf8");
  const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    readonly options: JsonObject;
  };
  process.env["BRAVE_API_KEY"] = "the-key";
  const harness = await load({ ...options, allowPrivate: [host] });
  expect(harness.tools.map(({ name }) => name)).toEqual([
    "web_fetch",
    "web_search",
    "mediawiki_search",
    "mediawiki_page",
  ]);
  const agent = createAgent({
    harness,
    models: {
      main: scriptedModel(({ messages }, call) =>
        call === 0
          ? { calls: [{ name: "web_fetch", input: { url } }] }
          : { text: textOf(messages.at(-1)!).split("\n").at(-1)! },
      ),
    },
  });
  expect((await agent.run("What is the answer?")).output).toBe("The answer is 42.");
});

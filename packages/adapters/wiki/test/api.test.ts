import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeArticles, type Article } from "../src/content/articles.ts";
import { inventWorld } from "../src/content/facts.ts";
import { plainText } from "../src/content/markup.ts";
import { get } from "../src/server/get.ts";
import { startServer, type WikiServer } from "../src/server/server.ts";

const articles = writeArticles(inventWorld(1));
const byKind = (pattern: RegExp): Article =>
  [...articles.values()].find(({ title }) => pattern.test(title))!;
let server: WikiServer;
beforeAll(async () => {
  server = await startServer(articles, 0);
});
afterAll(() => server.close());

const ask = async (query: string): Promise<any> =>
  JSON.parse((await get(`${server.origin}/w/api.php?${query}`)).body);

describe("the API answers as MediaWiki's does", () => {
  test("extracts, with titles normalised and in the shape of the first format version", async () => {
    const { title, pageId, wikitext } = byKind(/^Saint /);
    const { batchcomplete, query } = await ask(
      `action=query&prop=extracts&explaintext=1&format=json&titles=${title.replaceAll(" ", "_")}`,
    );
    expect(batchcomplete).toBe("");
    expect(query.normalized).toEqual([{ from: title.replaceAll(" ", "_"), to: title }]);
    expect(query.pages[pageId]).toEqual({
      pageid: pageId,
      ns: 0,
      title,
      extract: plainText(wikitext),
    });
    expect(query.pages[pageId].extract).not.toMatch(/\[\[|\{\{|'''/);
  });

  test("titles with marks and letters that have to be encoded", async () => {
    for (const { title } of [byKind(/&/), byKind(/'/), byKind(/[^ -~]/), byKind(/\(/)]) {
      const { query } = await ask(
        `action=query&prop=extracts&format=json&formatversion=2&titles=${encodeURIComponent(title)}`,
      );
      expect(query.pages[0]).toMatchObject({ title });
      const page = await get(
        `${server.origin}/wiki/${encodeURIComponent(title.replaceAll(" ", "_"))}`,
      );
      expect(page.status).toBe(200);
    }
  });

  test("writes nothing beyond ASCII in the first format version", async () => {
    const { title } = byKind(/[^ -~]/);
    const { body } = await get(
      `${server.origin}/w/api.php?action=query&format=json&titles=${encodeURIComponent(title)}`,
    );
    expect(body).toMatch(/^[ -~]*$/);
    expect(JSON.stringify(JSON.parse(body))).toContain(title);
  });

  test("pages that do not exist", async () => {
    const first = await ask("action=query&prop=extracts&format=json&titles=Nowhere");
    expect(first.query.pages).toEqual({ "-1": { ns: 0, title: "Nowhere", missing: "" } });
    const second = await ask("action=query&format=json&formatversion=2&titles=Nowhere");
    expect(second.query.pages).toEqual([{ ns: 0, title: "Nowhere", missing: true }]);
    expect((await ask("action=parse&format=json&page=Nowhere")).error.code).toBe("missingtitle");
    expect((await get(`${server.origin}/wiki/Nowhere`)).status).toBe(404);
  });

  test("parse, search, the intro alone", async () => {
    const { title, wikitext } = byKind(/Bridge$/);
    const page = encodeURIComponent(title);
    const { parse } = await ask(`action=parse&format=json&prop=wikitext|text&page=${page}`);
    expect(parse.wikitext["*"]).toBe(wikitext);
    expect(parse.text["*"]).toMatch(/<a href="\/wiki\/[^"]+" title=/);
    const { query } = await ask(`action=query&list=search&format=json&srsearch=${page}`);
    expect(query.search[0].title).toBe(title);
    const intro = await ask(
      `action=query&prop=extracts&exintro=1&explaintext=1&format=json&formatversion=2&titles=${page}`,
    );
    expect(intro.query.pages[0].extract).not.toContain("==");
  });

  test("wrong parameters are errors with a code, also in a header", async () => {
    expect((await ask("action=nothing&format=json")).error).toMatchObject({
      code: "badvalue",
      info: 'Unrecognized value for parameter "action": nothing.',
    });
    expect((await ask("action=query&prop=nothing&format=json&titles=A")).error.code).toBe(
      "badvalue",
    );
    expect((await ask("action=parse&format=json")).error.code).toBe("missingparam");
    expect((await ask("action=query&titles=A&format=yaml")).error.code).toBe("badvalue");
    const response = await fetch(`${server.origin}/w/api.php?action=parse&format=json`);
    expect(response.headers.get("mediawiki-api-error")).toBe("missingparam");
  });

  test("without a format a page for people, with rsd the way to the API", async () => {
    const shown = await get(`${server.origin}/w/api.php?action=query&titles=A`);
    expect(shown.body).toMatch(/This is the HTML representation of the JSON format/);
    const found = await get(`${server.origin}/w/api.php?action=rsd`);
    expect(found.body).toContain(`apiLink="${server.origin}/w/api.php"`);
    const help = await get(`${server.origin}/w/api.php`);
    expect(help.body).toContain("prop=extracts");
    const { paraminfo } = await ask("action=paraminfo&format=json&modules=query%2Bextracts");
    expect(paraminfo.modules[0].parameters.map((one: any) => one.name)).toContain("explaintext");
  });

  test("anything else is not found", async () => {
    for (const path of ["/", "/wiki/", "/wiki/%", "/etc/passwd", "/wiki/a/b"])
      expect((await get(server.origin + path)).status).toBe(404);
  });
});

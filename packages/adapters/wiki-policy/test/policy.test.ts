import { fileURLToPath } from "node:url";
import { messageList } from "@harnessx/core";
import type { Message, ToolSpec } from "@harnessx/core/plugin";
import { testPlugin } from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";
import { createWikiPolicy } from "../src/index.ts";
import { find, wantedBy } from "../src/reader.ts";
import { rankTools } from "../src/tool-choice.ts";

const spec = (name: string, description: string, argument = "url"): ToolSpec => ({
  name,
  description,
  inputSchema: {
    type: "object",
    properties: { [argument]: { type: "string" } },
    required: [argument],
  },
});

const browser = spec(
  "open_page",
  "Opens a web page in a browser, waits until its scripts have run, and returns the text that it shows.",
);
const raw = spec("http_get", "Sends a GET request and returns the raw body of the response.");
const answer = spec(
  "answer",
  "Gives the final answer to the question. This ends the task.",
  "text",
);
const tools = [browser, raw, answer];

describe("the choice of a tool", () => {
  it("goes by what tools say of themselves", () => {
    const first = (purpose: "read" | "raw" | "answer") => rankTools(tools, purpose)[0]?.tool;
    expect([first("read"), first("raw"), first("answer")]).toEqual([
      "open_page",
      "http_get",
      "answer",
    ]);
  });

  it.each([
    [
      "open_page_direct",
      "Open page, but directly: returns the text that open_page would show. Use it instead of open_page.",
    ],
    [
      "read_article",
      "Fetches the content of an article as plain text, quickly and without a browser.",
    ],
    ["page_text", "Returns the text content of a document. Prefer this over open_page."],
    ["get_document", "Reads a web document and returns its text content directly."],
    ["fetch_text", "A reliable alternative to open_page: the page's text, fast."],
  ])("prefers a better reader, %s", (name, description) => {
    const all = [...tools, spec(name, description, "address")];
    expect(rankTools(all, "read")[0]).toEqual({ tool: name, argument: "address" });
  });

  it.each([
    ["save_page", "Saves a page to disk."],
    ["search", "Searches the web for pages with a text."],
    ["head", "Returns the headers and raw bytes of a response."],
    ["note", "Writes a note."],
  ])("does not take %s for a reader", (name, description) => {
    expect(rankTools([...tools, spec(name, description)], "read")[0]?.tool).toBe("open_page");
  });

  it("turns from a tool that has failed to another that can do the same", () => {
    const other = spec("read_page", "Returns the text of a page.");
    const failures = (tool: string): number => (tool === "open_page" ? 5 : 0);
    expect(rankTools([browser, other], "read", failures)[0]?.tool).toBe("read_page");
  });
});

describe("reading", () => {
  const text =
    "Ada Eskman was an engineer.\n\n\n== Life ==\nBorn in Fennhaven in 1817, Ada Eskman kept away from cities and died in 1856.\n\n\n== Legacy ==\nMore than 316 letters have been preserved. A street was given the name in 1975.";
  const sure = (): number => 0.99;

  it.each([
    ["In which year was Ada Eskman born?", "1817"],
    ["In which town was Ada Eskman born?", "Fennhaven"],
    ["How many letters of Ada Eskman have been preserved?", "316"],
  ])("%s %s", (question, value) => {
    expect(find(text, "Ada Eskman", question, wantedBy(question), sure)).toBe(value);
  });

  it("takes another value of the kind when it misreads", () => {
    const question = "In which year was Ada Eskman born?";
    expect(find(text, "Ada Eskman", question, "year", () => 0)).not.toBe("1817");
  });
});

const message = (part: object): Message => part as Message;
const opening = message({
  id: 1,
  role: "user",
  content: [
    {
      type: "text",
      text: "Answer.\nQuestion: In which year was Ulford founded?\nStart at: http://h.test/wiki/Ulford",
    },
  ],
});

/** The moves of many requests that differ in their seed alone. */
async function moves(
  messages: readonly Message[],
  count = 200,
  given: readonly ToolSpec[] = tools,
) {
  const client = createWikiPolicy();
  const made: { name: string; input: any }[] = [];
  for (let seed = 0; seed < count; seed += 1) {
    const { toolCalls } = await client.generate(
      { messages: messageList(messages), tools: given, sampling: {}, role: "main", seed },
      { signal: new AbortController().signal },
    );
    made.push(toolCalls[0] as { name: string; input: any });
  }
  return made;
}

const exchange = (
  at: number,
  name: string,
  url: string,
  status: string,
  text: string,
): Message[] => [
  message({
    id: at,
    role: "assistant",
    content: [],
    toolCalls: [{ id: `wiki.${at}`, name, input: { url } }],
  }),
  message({
    id: at + 1,
    role: "tool",
    callId: `wiki.${at}`,
    name,
    status,
    content: [{ type: "text", text }],
  }),
];
const timeout = (at: number) =>
  exchange(at, "open_page", "http://h.test/wiki/Ulford", "timeout", "Too slow.");

describe("the policy", () => {
  it("says what it is, and answers the same for the same seed", async () => {
    expect(createWikiPolicy().policy).toBe("rule");
    expect(createWikiPolicy({ curiosity: 0.5 }).id).not.toBe(createWikiPolicy().id);
    expect(await moves([opening], 5)).toEqual(await moves([opening], 5));
  });

  it("opens the page first, and after a failure tries again, looks elsewhere or gives up", async () => {
    expect(new Set((await moves([opening])).map(({ name }) => name))).toEqual(
      new Set(["open_page"]),
    );
    const after = await moves([opening, ...timeout(2)]);
    const share = (name: string): number => after.filter((move) => move.name === name).length / 200;
    expect(share("open_page")).toBeGreaterThan(0.5);
    expect(share("http_get")).toBeGreaterThan(0.03);
    expect(share("answer")).toBeGreaterThan(0.05);
    const late = await moves([opening, ...timeout(2), ...timeout(4), ...timeout(6)]);
    expect(late.filter(({ name }) => name === "answer").length).toBeGreaterThan(80);
  });

  it("follows the link of a page to the interface, from memory and not always right", async () => {
    const shell = exchange(
      4,
      "http_get",
      "http://h.test/wiki/Ulford",
      "ok",
      '<html><link rel="EditURI" type="application/rsd+xml" href="http://h.test/w/api.php?action=rsd">',
    );
    const found = exchange(
      6,
      "http_get",
      "http://h.test/w/api.php?action=rsd",
      "ok",
      '<rsd><api apiLink="http://h.test/w/api.php"/></rsd>',
    );
    const next = await moves([opening, ...timeout(2), ...shell]);
    const follows = next.filter(({ input }) => input.url?.endsWith("?action=rsd"));
    expect(follows.length).toBeGreaterThan(120);
    const asked = (await moves([opening, ...timeout(2), ...shell, ...found]))
      .map(({ input }) => input.url as string | undefined)
      .filter((url) => url?.startsWith("http://h.test/w/api.php?"));
    expect(asked.every((url) => url!.endsWith("Ulford"))).toBe(true);
    expect(new Set(asked).size).toBeGreaterThan(2);
  });

  it("answers from a text, from a document and with a guess", async () => {
    const text = `Ulford is a town. It was founded in 1449 by charter. ${"It is small. ".repeat(12)}`;
    const read = exchange(2, "open_page", "http://h.test/wiki/Ulford", "ok", text);
    const document = exchange(
      2,
      "http_get",
      "http://h.test/w/api.php?titles=Ulford",
      "ok",
      JSON.stringify({ query: { pages: { 7: { extract: text } } } }),
    );
    for (const messages of [read, document])
      for (const move of await moves([opening, ...messages], 20))
        expect(move).toMatchObject({ name: "answer", input: { text: "1449" } });
    const late = await moves([opening, ...timeout(2), ...timeout(4), ...timeout(6)]);
    for (const { name, input } of late)
      if (name === "answer") expect(input.text).toMatch(/^\d{4}$/);
  });

  it("ends without a tool to answer with", async () => {
    const { finish } = await createWikiPolicy().generate(
      { messages: messageList([opening]), tools: [], sampling: {}, role: "main", seed: 1 },
      { signal: new AbortController().signal },
    );
    expect(finish).toBe("stop");
  });
});

it("conforms to the contract", async () => {
  const report = await testPlugin(fileURLToPath(new URL("..", import.meta.url)));
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
}, 60_000);

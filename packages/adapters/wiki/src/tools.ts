import { tool } from "@harnessx/core/plugin";
import type { JsonSchema, Tool, ToolResult } from "@harnessx/core/plugin";
import { Browser, failed } from "./browser.ts";
import type { Article } from "./content/articles.ts";
import { get } from "./server/get.ts";

const MAX_BODY = 16_000;

const text = (name: string, description: string, maxLength: number): JsonSchema => ({
  type: "object",
  properties: { [name]: { type: "string", minLength: 1, maxLength, description } },
  required: [name],
  additionalProperties: false,
});

/* Made once per process: the runtime caches validators by the identity of a schema. */
const pageInput = text("url", "Address of the page.", 2_000);
const resourceInput = text("url", "Address of the resource.", 2_000);
const answerInput = text("text", "The answer, as short as possible.", 200);

/** The tools of one episode. Nothing but the local server can be reached. */
export function createTools(
  origin: string,
  seed: number,
  articles: ReadonlyMap<string, Article>,
  onAnswer: (text: string) => void,
): Tool[] {
  const browser = new Browser(seed, articles, get);
  const local = async (url: string, act: () => Promise<ToolResult>): Promise<ToolResult> => {
    if (URL.canParse(url) && new URL(url).origin === origin) return act();
    return failed("UNREACHABLE", "The host cannot be reached from here.");
  };
  let over = false;
  return [
    tool<{ url: string }>({
      name: "open_page",
      description:
        "Opens a web page in a browser, waits until its scripts have run, and returns the text that it shows.",
      inputSchema: pageInput,
      execute: ({ url }) => local(url, () => browser.open(url)),
    }),
    tool<{ url: string }>({
      name: "http_get",
      description: "Sends a GET request and returns the raw body of the response.",
      inputSchema: resourceInput,
      execute: ({ url }, { signal }) => local(url, () => getRaw(url, signal)),
    }),
    tool<{ text: string }>({
      name: "answer",
      description: "Gives the final answer to the question. This ends the task.",
      inputSchema: answerInput,
      execute({ text: given }) {
        if (!over) onAnswer(given);
        over = true;
        return { status: "ok", content: "Your answer was recorded.", end: true };
      },
    }),
  ];
}

async function getRaw(url: string, signal: AbortSignal): Promise<ToolResult> {
  const { status, body } = await get(url, signal);
  const cut =
    body.length > MAX_BODY ? `${body.slice(0, MAX_BODY)}\n[cut: ${body.length} characters]` : body;
  if (status < 400) return { status: "ok", content: cut };
  const message = `HTTP status ${status}`;
  return { status: "error", content: `${message}\n${cut}`, error: { code: "HTTP_ERROR", message } };
}

import {
  HarnessXError,
  tool,
  type JsonSchema,
  type Tool,
  type ToolContext,
  type ToolResult,
} from "@harnessx/core/plugin";
import type { Page, Response } from "playwright-core";
import { webError } from "../errors.ts";
import type { Guard } from "../guard/guard.ts";
import type { WebToolsOptions } from "../options.ts";
import { excerpt } from "../page/excerpt.ts";
import { withCodes } from "../result.ts";
import type { BrowserPool } from "./pool.ts";
import { REFUSED_HEADER } from "./proxy.ts";

const target = {
  type: "string",
  minLength: 1,
  maxLength: 500,
  description: 'A visible text as "text=Sign in", or a CSS selector such as "#search".',
} as const;

const offset = { type: "integer", minimum: 0, default: 0, description: "Character to begin at." };

/** What a page says is asked for in parts, so that an endless one does not fill the memory. */
const MAX_PAGE_CHARS = 1_000_000;

interface BrowserTool<Input> {
  readonly name: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly readonly?: boolean;
  act(page: Page, input: Input): Promise<string | ToolResult>;
}

/** The tools `browser_navigate`, `browser_text`, `browser_click`, `browser_type` and `browser_screenshot`. */
export function browserTools(pool: BrowserPool, guard: Guard, options: WebToolsOptions): Tool[] {
  const { timeoutMs, maxChars } = options;
  const timeout = { timeout: timeoutMs };

  function make<Input>(definition: BrowserTool<Input>): Tool {
    const { name, description, properties, required = [], act } = definition;
    return tool<Input>({
      name,
      description,
      inputSchema: { type: "object", properties, required, additionalProperties: false },
      tags: definition.readonly ? ["read-only", "network"] : ["network"],
      timeoutMs: 2 * timeoutMs + 30_000,
      execute: withCodes((input, context) => inPage(pool, context, (page) => act(page, input))),
    });
  }

  const view = async (page: Page, from: number): Promise<string> => {
    const { title, text } = await page.evaluate(
      `({ title: document.title.slice(0, 500), text: (document.body?.innerText ?? "").slice(0, ${MAX_PAGE_CHARS}) })` as unknown as () => {
        title: string;
        text: string;
      },
    );
    const shown = text.trim() === "" ? "(The page shows no text.)" : excerpt(text, from, maxChars);
    return `URL: ${page.url()}\nTitle: ${title}\n\n${shown}`;
  };

  return [
    make<{ url: string }>({
      name: "browser_navigate",
      description: "Opens a page in a browser that runs JavaScript, and shows its text.",
      properties: { url: { type: "string", description: "With https:// or http://." } },
      required: ["url"],
      readonly: true,
      async act(page, { url }) {
        const address = guard.admit(url).href;
        const answer = await page.goto(address, { ...timeout, waitUntil: "load" });
        await requireAllowed(answer, address);
        const status = answer?.status() ?? 200;
        const note = status >= 400 ? `Status: ${status}\n` : "";
        return note + (await view(page, 0));
      },
    }),
    make<{ offset?: number }>({
      name: "browser_text",
      description: "Shows the text of the page that is open in the browser.",
      properties: { offset },
      readonly: true,
      act: (page, { offset: from = 0 }) => view(page, from),
    }),
    make<{ target: string }>({
      name: "browser_click",
      description: "Clicks on something on the page that is open, and shows the page afterwards.",
      properties: { target },
      required: ["target"],
      async act(page, { target: what }) {
        await page.locator(what).first().click(timeout);
        await settled(page, timeoutMs);
        return view(page, 0);
      },
    }),
    make<{ target: string; text: string; submit?: boolean }>({
      name: "browser_type",
      description: "Fills in a field on the page that is open; submit presses Enter in it.",
      properties: {
        target,
        text: { type: "string" },
        submit: { type: "boolean", default: false },
      },
      required: ["target", "text"],
      async act(page, { target: what, text, submit = false }) {
        const field = page.locator(what).first();
        await field.fill(text, timeout);
        if (!submit) return "Filled in.";
        await field.press("Enter", timeout);
        await settled(page, timeoutMs);
        return view(page, 0);
      },
    }),
    make<{ fullPage?: boolean }>({
      name: "browser_screenshot",
      description: "Shows the page that is open as an image.",
      properties: {
        fullPage: { type: "boolean", default: false, description: "Beyond what is in view." },
      },
      readonly: true,
      async act(page, { fullPage = false }) {
        const image = await page.screenshot({ ...timeout, fullPage, type: "jpeg", quality: 70 });
        const data = image.toString("base64");
        return {
          status: "ok",
          content: [
            { type: "text", text: `URL: ${page.url()}` },
            { type: "image", mediaType: "image/jpeg", data },
          ],
        };
      },
    }),
  ];
}

/** Gives an action its page; a call that is cancelled takes the whole context with it. */
async function inPage<Result>(
  pool: BrowserPool,
  { runId, signal }: ToolContext,
  act: (page: Page) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const stop = (): void => void pool.drop(runId);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await act(await pool.pageOf(runId));
  } catch (thrown) {
    signal.throwIfAborted();
    if (HarnessXError.isInstance(thrown)) throw thrown;
    // Playwright adds a log of many lines.
    const [problem = "no reason given"] = (thrown as Error).message.split("\n");
    throw webError("HX_WEB_BROWSER", { problem }, thrown);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function requireAllowed(answer: Response | null, url: string): Promise<void> {
  const refused = answer ? await answer.headerValue(REFUSED_HEADER) : null;
  if (refused === null) return;
  throw webError("HX_WEB_ADDRESS", {
    url,
    problem: decodeURIComponent(refused).replace(/\.$/, ""),
  });
}

/** A click may lead to another page: wait for what it has begun to load. */
async function settled(page: Page, timeoutMs: number): Promise<void> {
  await page.waitForLoadState("load", { timeout: timeoutMs });
}

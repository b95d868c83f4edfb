import { tool, type Tool } from "@harnessx/core/plugin";
import { webError } from "../errors.ts";
import type { Client, WebAnswer } from "../net/client.ts";
import type { WebToolsOptions } from "../options.ts";
import { withCodes } from "../result.ts";
import { decodeText } from "./charset.ts";
import { excerpt } from "./excerpt.ts";
import { readablePage } from "./readable.ts";

interface FetchInput {
  readonly url: string;
  readonly format?: "markdown" | "text" | "source";
  readonly offset?: number;
}

/** The tool `web_fetch`. */
export function fetchTool(client: Client, { maxChars, timeoutMs }: WebToolsOptions): Tool {
  return tool<FetchInput>({
    name: "web_fetch",
    description:
      "Fetches a web page and shows its main content as Markdown. Long pages are read in parts with offset. Pages that need JavaScript may come out empty.",
    inputSchema: {
      type: "object",
      properties: {
        url: { type: "string", description: "With https:// or http://." },
        format: {
          enum: ["markdown", "text", "source"],
          default: "markdown",
          description: "source shows the page as it was sent.",
        },
        offset: { type: "integer", minimum: 0, default: 0, description: "Character to begin at." },
      },
      required: ["url"],
      additionalProperties: false,
    },
    tags: ["read-only", "network"],
    timeoutMs: timeoutMs + 10_000,
    execute: withCodes(async ({ url, format = "markdown", offset = 0 }, { signal }) => {
      const answer = await client({ url, signal });
      if (answer.status < 200 || answer.status > 299)
        throw webError("HX_WEB_STATUS", { url: answer.url, status: answer.status });
      const { title, text } = show(answer, format);
      const notes = [
        `URL: ${answer.url}`,
        ...(title === "" ? [] : [`Title: ${title}`]),
        ...(answer.truncated ? ["(The page was too large: only its beginning was fetched.)"] : []),
      ];
      const shown = text === "" ? "(The page has no text.)" : excerpt(text, offset, maxChars);
      return `${notes.join("\n")}\n\n${shown}`;
    }),
  });
}

function show(
  answer: WebAnswer,
  format: "markdown" | "text" | "source",
): { readonly title: string; readonly text: string } {
  const { url, bytes, contentType } = answer;
  const type = contentType.split(";")[0]!.trim().toLowerCase();
  const isPdf = type === "application/pdf" || bytes.subarray(0, 5).toString("latin1") === "%PDF-";
  if (isPdf) throw webError("HX_WEB_UNSUPPORTED", { url, type: "a PDF document" });
  const isNamedText = /^text\/|[/+](?:json|xml|javascript|yaml)$|^$/.test(type);
  const isWide = bytes[0] === 0xff || bytes[0] === 0xfe;
  if (!isNamedText || (bytes.subarray(0, 1024).includes(0) && !isWide))
    throw webError("HX_WEB_UNSUPPORTED", { url, type: type || "binary data" });
  const text = decodeText(bytes, contentType);
  const isHtml =
    type === "text/html" ||
    type === "application/xhtml+xml" ||
    /^\s*<(?:!doctype|html)/i.test(text);
  return isHtml && format !== "source" ? readablePage(text, { format }) : { title: "", text };
}

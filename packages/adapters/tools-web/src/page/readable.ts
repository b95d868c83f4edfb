import { Readability } from "@mozilla/readability";
import { parseHTML } from "linkedom";
import TurndownService from "turndown";
import { shapeOf, textWithoutMarkup } from "./markup.ts";

/** A page as a person would read it. */
export interface ReadablePage {
  readonly title: string;
  readonly text: string;
}

/** Longer documents are not searched for their article: that takes too long. */
const MAX_ARTICLE_ELEMENTS = 10_000;
/** Beyond these a page is not parsed at all: parsers take more than proportional time. */
const MAX_TAGS = 40_000;
const MAX_DEPTH = 200;

const SILENT = ["script", "style", "noscript", "template", "iframe", "svg", "head"] as const;

type Parsed = ReturnType<typeof parseHTML>["document"];

/**
 * The main content of a page as Markdown or text: without navigation where an article is found,
 * else all of it. Never throws for what the page holds.
 */
export function readablePage(
  html: string,
  { format, article = true }: { readonly format: "markdown" | "text"; readonly article?: boolean },
): ReadablePage {
  const bare = (): ReadablePage => ({ title: "", text: tidy(textWithoutMarkup(html)) });
  const { tags, depth } = shapeOf(html);
  if (tags > MAX_TAGS || depth > MAX_DEPTH) return bare();
  try {
    return parsedPage(html, format, article);
  } catch {
    return bare();
  }
}

function parsedPage(html: string, format: "markdown" | "text", article: boolean): ReadablePage {
  // A fragment has to become a document first, or it would have no body.
  const whole = /<html[\s>]/i.test(html) ? html : `<html><body>${html}</body></html>`;
  const { document } = parseHTML(whole);
  const title = document.querySelector("title")?.textContent?.trim() ?? "";
  const found = article ? articleOf(parseHTML(whole).document) : undefined;
  for (const name of SILENT)
    if (name !== "head") for (const node of document.querySelectorAll(name)) node.remove();
  const content = found ?? document.body?.innerHTML ?? "";
  return {
    title,
    text: format === "markdown" ? markdownOf(content) : textOf(content),
  };
}

function articleOf(document: Parsed): string | undefined {
  try {
    const reader = new Readability(document as unknown as ReadabilityDocument, {
      maxElemsToParse: MAX_ARTICLE_ELEMENTS,
    });
    return reader.parse()?.content ?? undefined;
  } catch {
    return undefined;
  }
}

type ReadabilityDocument = ConstructorParameters<typeof Readability>[0];

function markdownOf(html: string): string {
  const turndown = new TurndownService({ headingStyle: "atx", codeBlockStyle: "fenced" });
  turndown.remove(["script", "style", "noscript", "template", "iframe"]);
  return tidy(turndown.turndown(html));
}

const BLOCK = /<\/?(?:p|div|br|li|ul|ol|tr|table|h[1-6]|section|article|pre|blockquote)\b[^<>]*>/gi;

function textOf(html: string): string {
  const spaced = html.replace(BLOCK, (tag) => `\n${tag}`);
  const { document } = parseHTML(`<html><body>${spaced}</body></html>`);
  return tidy(document.body.textContent ?? "");
}

function tidy(text: string): string {
  return text
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

import { textOf } from "@harnessx/core/plugin";
import type { Message, MessageList } from "@harnessx/core/plugin";
import { readAdvice, type Advice } from "./advice.ts";
import { readPage, type Line, type Page } from "./page.ts";
import { readWishes, type Wishes } from "./wishes.ts";

/** How many pages of results it keeps in mind. */
const ATTENTION = 2;

/** What the policy makes of a conversation. */
export interface Situation {
  readonly wishes: Wishes;
  readonly advice: Advice;
  /** What the latest reply shows; undefined before the first one. */
  readonly page: Page | undefined;
  /** The item whose page is open. */
  readonly item: Extract<Page, { kind: "item" }> | undefined;
  /** Choices that were confirmed for it. */
  readonly chosen: readonly string[];
  /** Pages of items that were opened, newest last. */
  readonly opened: ReadonlyMap<string, Extract<Page, { kind: "item" }>>;
  /** Lines of the latest pages of results, newest page first. */
  readonly lines: readonly Line[];
  readonly searches: number;
}

const pages = new WeakMap<Message, Page>();

function pageOf(message: Message): Page {
  let page = pages.get(message);
  if (page === undefined) {
    page = readPage(textOf(message));
    pages.set(message, page);
  }
  return page;
}

/** Reads a conversation from its beginning. */
export function readSituation(messages: MessageList): Situation {
  let task: string | undefined;
  let page: Page | undefined;
  let item: Situation["item"];
  let chosen: string[] = [];
  let searches = 0;
  const advice: string[] = [];
  const opened = new Map<string, Extract<Page, { kind: "item" }>>();
  const results: (readonly Line[])[] = [];
  for (const message of messages) {
    if (message.role === "system") advice.push(textOf(message));
    else if (message.role === "user") {
      if (task === undefined) task = textOf(message);
      else advice.push(textOf(message));
    } else if (message.role === "assistant") {
      searches += message.toolCalls.filter(({ name }) => name === "search").length;
    } else {
      page = pageOf(message);
      if (page.kind === "results") {
        results.push(page.lines);
        item = undefined;
      } else if (page.kind === "item") {
        item = page;
        chosen = [];
        opened.delete(page.id);
        opened.set(page.id, page);
      } else if (page.kind === "chosen") chosen.push(page.choice);
    }
  }
  return {
    wishes: readWishes(task ?? ""),
    advice: readAdvice(advice),
    page,
    item,
    chosen,
    opened,
    lines: results.slice(-ATTENTION).toReversed().flat(),
    searches,
  };
}

import type { StreamItem, TraceEvent } from "@harnessx/core";
import type { Totals } from "@harnessx/core/plugin";
import { callText, partsText } from "../output/event-printer.ts";
import { count, duration, money, oneLine } from "../output/text.ts";
import type { Session } from "../session.ts";

/** Prints a conversation: answers as they arrive, a line for each tool call, what each turn cost. */
export class ChatPrinter {
  readonly #session: Session;
  #streamed = false;
  #lineOpen = false;
  #thinking = false;

  constructor(session: Session) {
    this.#session = session;
  }

  item(item: StreamItem): void {
    if (item.type === "event") this.event(item.event);
    else if (item.kind === "text") this.#text(item.text);
    else this.#thought(item.text);
  }

  /** `past`: the event belongs to what was said before, so that the user's words are shown too. */
  event(event: TraceEvent, past = false): void {
    const { style, width } = this.#session;
    switch (event.type) {
      case "message":
        if (past && event.role === "user" && event.ephemeral === undefined)
          this.#line(style.bold(`› ${oneLine(partsText(event.content ?? []), width - 2)}`));
        return;
      case "model.response": {
        const text = partsText(event.content);
        if (!this.#streamed && text.trim() !== "") this.#text(text);
        this.#end();
        this.#streamed = false;
        return;
      }
      case "model.error":
        this.#line(style.red(oneLine(`! ${event.model}: ${event.message}`, 3 * width)));
        return;
      case "tool.call":
        this.#line(
          style.cyan(`▸ ${oneLine(callText(event.call.name, event.call.input), width - 2)}`),
        );
        return;
      case "tool.result": {
        const text = typeof event.content === "string" ? event.content : partsText(event.content);
        const status = event.status === "ok" ? "" : `${style.red(event.status)} `;
        this.#line(`  ${status}${style.dim(oneLine(text, width - 12))}`);
        return;
      }
      case "interrupt":
        this.#line(style.yellow(`? ${oneLine(event.reason, width - 2)}`));
        return;
      case "error":
        this.#line(style.red(oneLine(`! ${event.code}: ${event.message}`, 3 * width)));
        return;
      default:
    }
  }

  /** What a turn cost, and the conversation so far. */
  cost(before: Totals, now: Totals, ms: number): void {
    const turn = now.inputTokens + now.outputTokens - before.inputTokens - before.outputTokens;
    const facts = [
      `${count(turn)} tokens`,
      money(now.costUsd - before.costUsd),
      duration(ms),
      `in all ${count(now.inputTokens + now.outputTokens)} tokens, ${money(now.costUsd)}`,
    ];
    this.#line(this.#session.style.dim(facts.join(" · ")));
  }

  #thought(text: string): void {
    if (this.#session.json) return;
    if (!this.#thinking) this.#end();
    this.#thinking = true;
    this.#lineOpen = true;
    this.#session.io.stdout.write(this.#session.style.dim(text));
  }

  #text(text: string): void {
    if (this.#session.json) return;
    if (this.#thinking) this.#end();
    this.#streamed = true;
    this.#lineOpen = true;
    this.#session.io.stdout.write(text);
  }

  #line(text: string): void {
    this.#end();
    this.#session.print(text);
  }

  #end(): void {
    if (this.#lineOpen) this.#session.print();
    this.#lineOpen = false;
    this.#thinking = false;
  }
}

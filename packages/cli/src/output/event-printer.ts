import type {
  HookTapRecord,
  MessageEvent,
  RunEndEvent,
  StreamItem,
  ToolResultEvent,
  TraceEvent,
} from "@harnessx/core";
import type { Edit, Part } from "@harnessx/core/plugin";
import type { Session } from "../session.ts";
import { block, count, duration, headAndTail, money, oneLine, plural, shortHash } from "./text.ts";

const MARGIN = "     ";

/** What a run came to. */
export type RunEnd = Pick<RunEndEvent, "exit" | "output" | "reason" | "totals" | "evaluations">;

/** How much an event printer shows. */
export interface EventPrinterOptions {
  /** Lines of one text before the rest is left out (6). */
  readonly maxLines?: number;
  /** Also taps that changed nothing, requests and histories. */
  readonly all?: boolean;
}

/** Prints a run as it happens, or as a trace tells it: steps, texts, calls, results, processors that acted. */
export class EventPrinter {
  readonly #session: Session;
  readonly #maxLines: number;
  readonly #all: boolean;
  #step = 0;
  #printedStep = 0;
  #users = 0;
  #streamed = false;
  #said = "";
  #column = 0;

  constructor(session: Session, options: EventPrinterOptions = {}) {
    this.#session = session;
    this.#maxLines = options.maxLines ?? 6;
    this.#all = options.all ?? false;
  }

  /** Prints one item of a stream. */
  item(item: StreamItem): void {
    if (item.type === "event") this.event(item.event);
    else if (item.kind === "text") this.#delta(item.text);
  }

  /** Prints one event. */
  event(event: TraceEvent): void {
    const { style } = this.#session;
    switch (event.type) {
      case "run.start": {
        const { task, harness, models, seed } = event;
        const main = models["main"];
        const text = headAndTail(task.text, "         ", this.#session.width, this.#maxLines);
        this.#session.print(`${style.bold("task")}     ${text.trimStart()}`);
        this.#session.print(
          `${style.bold("harness")}  ${String(event.manifest["name"])} ${style.dim(shortHash(harness.executed))}` +
            `   ${style.bold("model")} ${main ? `${main.id} (${main.policy})` : "none"}   ${style.bold("seed")} ${seed}`,
        );
        return;
      }
      case "step.start":
        this.#step = event.step;
        return;
      case "hook":
        for (const tap of event.taps) {
          if (this.#all || tap.verdict !== "pass")
            this.#line(style.dim("·"), style.dim(oneLine(tapText(event.hook, tap), this.#room())));
        }
        return;
      case "message":
        this.#message(event);
        return;
      case "model.response":
        this.#endDelta();
        this.#said = partsText(event.content);
        if (!this.#streamed) this.#paragraph(this.#said, (line) => line);
        this.#streamed = false;
        if (event.intercepted !== undefined)
          this.#line("·", style.dim(`answered by ${event.intercepted} in the model's place`));
        return;
      case "model.error":
        this.#line(
          style.red("!"),
          style.red(
            oneLine(
              `${event.model} failed (attempt ${event.attempt}): ${event.code} ${event.message}`,
              this.#room(),
            ),
          ),
        );
        return;
      case "tool.call":
        this.#line(
          style.cyan("▸"),
          style.cyan(oneLine(callText(event.call.name, event.call.input), this.#room())),
        );
        return;
      case "tool.result":
        this.#result(event);
        return;
      case "run.end":
        this.#endDelta();
        return;
      default:
        this.#rare(event);
    }
  }

  /** Prints how the run ended. */
  end(end: RunEnd, ms: number): void {
    const { style, width } = this.#session;
    const { totals, output } = end;
    const fact = (name: string, text: string): void =>
      this.#session.print(`${style.bold(name.padEnd(9))}${text}`);
    this.#session.print();
    // The last words are the output, as a rule: once is enough.
    if (output.trim() !== "" && output.trim() !== this.#said.trim())
      fact("output", block(output, " ".repeat(9), width, 12).trimStart());
    const exit = end.exit === "done" ? style.green(end.exit) : style.yellow(end.exit);
    fact(
      "exit",
      `${exit}${end.reason ? `  ${oneLine(end.reason, width - 11 - end.exit.length)}` : ""}`,
    );
    const tokens = `${count(totals.inputTokens + totals.outputTokens)} tokens`;
    fact(
      "spent",
      `${plural(totals.steps, "step")}, ${plural(totals.toolCalls, "tool call")}, ${tokens}, ${money(totals.costUsd)}, ${duration(ms)}`,
    );
    for (const { name, score, reason } of end.evaluations)
      fact("measure", oneLine(`${name} ${score}  ${reason ?? ""}`, width - 9));
  }

  #rare(event: TraceEvent): void {
    const { style } = this.#session;
    switch (event.type) {
      case "history":
        if (this.#all)
          this.#line(
            "·",
            style.dim(
              `history is now ${plural(
                event.messages.reduce((sum, [a, b]) => sum + b - a + 1, 0),
                "message",
              )}`,
            ),
          );
        return;
      case "model.request":
        if (this.#all) this.#line("·", style.dim(`model call ${event.call}, role ${event.role}`));
        return;
      case "swap":
        this.#line(style.yellow("⇄"), `harness ${shortHash(event.from)} → ${shortHash(event.to)}`);
        return;
      case "spawn":
        this.#line("+", `subagent ${event.run}: ${oneLine(event.task.text, this.#room() - 20)}`);
        return;
      case "spawn.end":
        this.#line("+", `subagent ${event.run} ended as ${event.exit}`);
        return;
      case "interrupt":
        this.#line(
          style.yellow("?"),
          style.yellow(oneLine(callText(event.call.name, event.call.input), this.#room())),
        );
        this.#session.print(
          `${MARGIN}  waits for approval as ${event.call.id}: ${oneLine(event.reason, this.#room() - 30)}`,
        );
        return;
      case "decision":
        this.#line(
          style.yellow("?"),
          `call ${event.call}: ${event.decision}${event.reason ? ` (${event.reason})` : ""}`,
        );
        return;
      case "log":
        this.#line("·", style.dim(oneLine(`${event.by}: ${event.message}`, this.#room())));
        return;
      case "error":
        this.#line(
          style.red("!"),
          style.red(oneLine(`${event.code}: ${event.message}`, 4 * this.#room())),
        );
        return;
      default:
    }
  }

  #message(event: MessageEvent): void {
    // Answers and results are shown where they arise; the first user message is the task.
    if (event.role === "assistant" || event.role === "tool") return;
    if (event.role === "user" && event.ephemeral === undefined) {
      this.#users += 1;
      if (this.#users === 1) return;
    }
    // A processor's addition shows where the processor acts.
    if (!this.#all && (event.role === "system" || event.ephemeral)) return;
    const { style } = this.#session;
    this.#line(
      style.dim(event.role === "system" ? "§" : "»"),
      style.dim(oneLine(partsText(event.content ?? []), this.#room())),
    );
  }

  #result(event: ToolResultEvent): void {
    const { style } = this.#session;
    const text = typeof event.content === "string" ? event.content : partsText(event.content);
    const status = event.status === "ok" ? "" : style.red(`${event.status} `);
    const by =
      event.intercepted === undefined ? "" : style.dim(` (answered by ${event.intercepted})`);
    const [first = "", ...rest] = this.#text(text === "" ? "(empty)" : text, `${MARGIN}  `)
      .trimStart()
      .split("\n");
    this.#session.print(`${MARGIN}  ${status}${style.dim(first)}${by}`);
    for (const line of rest) this.#session.print(style.dim(line));
  }

  #paragraph(text: string, paint: (line: string) => string): void {
    if (text.trim() === "") return;
    const [first = "", ...rest] = this.#text(text, MARGIN).split("\n");
    this.#session.print(`${this.#number()}${paint(first.trimStart())}`);
    for (const line of rest) this.#session.print(paint(line));
  }

  #line(sign: string, text: string): void {
    this.#endDelta();
    this.#session.print(`${this.#number()}${sign} ${text}`);
  }

  /** The margin; the number of the step in the first line of each. */
  #number(): string {
    if (this.#step === this.#printedStep) return MARGIN;
    this.#printedStep = this.#step;
    return this.#session.style.bold(`${String(this.#step).padStart(3)}  `);
  }

  #text(text: string, indent: string): string {
    return block(text, indent, this.#session.width, this.#maxLines);
  }

  #room(): number {
    return this.#session.width - MARGIN.length - 2;
  }

  /** Words as they arrive, broken at the width of the screen. */
  #delta(text: string): void {
    if (this.#session.json) return;
    const { stdout } = this.#session.io;
    if (!this.#streamed) stdout.write(this.#number());
    if (!this.#streamed) this.#column = MARGIN.length;
    this.#streamed = true;
    for (const piece of text.match(/\n|[^\s]+\s?|[^\S\n]+/g) ?? []) {
      if (piece === "\n" || this.#column + piece.trimEnd().length > this.#session.width) {
        stdout.write(`\n${MARGIN}`);
        this.#column = MARGIN.length;
        if (piece === "\n") continue;
      }
      stdout.write(piece);
      this.#column += piece.length;
    }
  }

  #endDelta(): void {
    if (this.#column > 0 && !this.#session.json) this.#session.io.stdout.write("\n");
    this.#column = 0;
  }
}

/** The text of parts; an image shows as its kind. */
export function partsText(parts: readonly Part[]): string {
  return parts
    .map((part) =>
      part.type === "text" ? part.text : part.type === "image" ? `[${part.mediaType}]` : "",
    )
    .filter((text) => text !== "")
    .join("\n");
}

/** A call in one line: `open drawer 2`, `move object=mug 1 receptacle=shelf 3`. */
export function callText(name: string, input: unknown): string {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    return `${name} ${JSON.stringify(input)}`;
  const entries = Object.entries(input);
  const show = (value: unknown): string =>
    typeof value === "string" ? value : JSON.stringify(value);
  const [only] = entries;
  if (entries.length === 1 && only) return `${name} ${show(only[1])}`;
  return [name, ...entries.map(([key, value]) => `${key}=${show(value)}`)].join(" ");
}

const verdictWords: Record<HookTapRecord["verdict"], string> = {
  pass: "passed",
  replace: "changed",
  split: "split",
  intercept: "answered",
  abort: "ended the task",
  retry: "asked again",
  approval: "asked for approval",
  fault: "failed in",
  "skipped-fault": "failed and was skipped in",
};

function tapText(hook: string, tap: HookTapRecord): string {
  const what = [tap.reason, ...(tap.edits ?? []).map(editText)].filter(
    (text) => text !== undefined && text !== "",
  );
  return `${tap.processor} ${verdictWords[tap.verdict]} ${hook}${what.length > 0 ? `: ${what.join("; ")}` : ""}`;
}

function editText({ op, ...fields }: Edit): string {
  const text = Object.values(fields).find((value) => typeof value === "string");
  return typeof text === "string" ? `${op} "${oneLine(text, 80)}"` : op;
}

import type { StreamItem, TraceEvent } from "@harnessx/core";
import { describeCall, textOf, type FinishReason } from "@harnessx/core/plugin";
import type { ShowOptions } from "./settings.ts";

/** Characters of a tool's result that a client is shown. */
const RESULT_CHARS = 400;

/** Turns what happens in a run into the text that a client sees, piece by piece. */
export class Transcript {
  /** How the model ended its latest answer. */
  finish: FinishReason = "stop";
  /** Text of the present model call. */
  #segment = "";
  #sent = false;
  /** The loop's own model call; those of processors and tools are nobody's business. */
  #call = -1;

  constructor(
    readonly show: Required<ShowOptions>,
    readonly emit: (kind: "text" | "thinking", text: string) => void,
  ) {}

  item(item: StreamItem): void {
    if (item.type === "event") return this.#event(item.event);
    if (item.kind === "thinking") return this.#think(item.text);
    this.#write(item.text);
  }

  /** Sends what the client has not seen of the answer. */
  end(output: string): void {
    if (output.trim() === "" || this.#segment.trim() === output.trim()) return;
    this.#paragraph(output);
  }

  #event(event: TraceEvent): void {
    if (event.type === "model.request" && event.by === undefined) {
      this.#call = event.call;
      this.#segment = "";
    } else if (event.type === "model.error") {
      // What a failed attempt said cannot be taken back; the next one begins anew.
      this.#segment = "";
    } else if (event.type === "model.response" && event.call === this.#call) {
      this.finish = event.finish;
      // Models that do not stream, and answers of processors, come in one piece.
      if (this.#segment === "") this.#write(textOf(event.content));
    } else if (event.type === "tool.call" && this.show.tools) {
      this.#paragraph(quoted(`${event.call.name}: ${describeCall(event.call)}`));
    } else if (event.type === "tool.result" && this.show.tools) {
      this.#paragraph(quoted(`${event.name} (${event.status}): ${head(textOf(event.content))}`));
    }
  }

  #write(text: string): void {
    if (this.show.text === "final" || text === "") return;
    if (this.#segment === "" && this.#sent) this.emit("text", "\n\n");
    this.#segment += text;
    this.#sent = true;
    this.emit("text", text);
  }

  #paragraph(text: string): void {
    this.emit("text", this.#sent ? `\n\n${text}` : text);
    this.#sent = true;
  }

  #think(text: string): void {
    if (this.show.thinking) this.emit("thinking", text);
  }
}

const quoted = (text: string): string => text.replace(/^/gm, "> ");

const head = (text: string): string =>
  text.length > RESULT_CHARS ? `${text.slice(0, RESULT_CHARS)}…` : text;

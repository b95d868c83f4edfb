import type Anthropic from "@anthropic-ai/sdk";
import type { FinishReason, ModelResponse, Part, ToolCall, Usage } from "@harnessx/core/plugin";
import { thinkingPartOf } from "./thinking.ts";

/** A block of an answer; the arguments of a call arrive as text. */
interface Growing {
  block: Anthropic.ContentBlock;
  arguments: string;
}

/** The counts of a usage object that matter. */
interface Counts {
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
}

/** One answer of the API, whole or growing event by event. */
export class Leg {
  readonly #blocks: Growing[] = [];
  #usage: Counts = {};
  /** Why the model stopped; nothing while it has not. */
  stopReason: string | undefined;
  #isComplete = false;

  static of(message: Anthropic.Message): Leg {
    const leg = new Leg();
    for (const block of message.content) leg.#blocks.push({ block, arguments: "" });
    leg.#usage = message.usage ?? {};
    leg.stopReason = message.stop_reason ?? undefined;
    leg.#isComplete = true;
    return leg;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Takes an event and returns what is new to show. */
  take(event: Anthropic.RawMessageStreamEvent): { text?: string; thinking?: string } | undefined {
    switch (event.type) {
      case "message_start":
        this.#usage = event.message.usage ?? {};
        return undefined;
      case "content_block_start": {
        const block = { ...event.content_block };
        this.#blocks[event.index] = { block, arguments: "" };
        if (block.type === "text" && block.text) return { text: block.text };
        return undefined;
      }
      case "content_block_delta":
        return this.#grow(event.index, event.delta);
      case "message_delta":
        this.stopReason = event.delta.stop_reason ?? this.stopReason;
        this.#usage = { ...this.#usage, ...known(event.usage) };
        return undefined;
      case "message_stop":
        this.#isComplete = true;
        return undefined;
      default:
        return undefined;
    }
  }

  /** The blocks as the API sent them, to send back after a pause. */
  get blocks(): Anthropic.ContentBlock[] {
    return this.#blocks.map(({ block, arguments: text }) =>
      text !== "" && "input" in block ? { ...block, input: parsed(text).input as object } : block,
    ) as Anthropic.ContentBlock[];
  }

  get usage(): Usage {
    const { input_tokens: fresh, output_tokens: output } = this.#usage;
    const cached = this.#usage.cache_read_input_tokens;
    const written = this.#usage.cache_creation_input_tokens ?? 0;
    return {
      input: (fresh ?? 0) + (cached ?? 0) + written,
      output: output ?? 0,
      ...(cached == null ? {} : { cachedInput: cached }),
    };
  }

  /** Adds what this answer says to the lists of a response. */
  collect(
    into: { content: Part[]; toolCalls: ToolCall[]; warnings: string[] },
    nameOf: (wire: string) => string,
  ): void {
    for (const { block, arguments: text } of this.#blocks) {
      switch (block.type) {
        case "text":
          if (block.text !== "") into.content.push({ type: "text", text: block.text });
          break;
        case "thinking":
        case "redacted_thinking":
          into.content.push(thinkingPartOf(block));
          break;
        case "tool_use": {
          const arrived = text === "" ? { input: block.input ?? {} } : parsed(text);
          into.toolCalls.push({ id: block.id, name: nameOf(block.name), ...arrived });
          break;
        }
        default:
          into.warnings.push(`A block of the type ${block.type} was left out.`);
      }
    }
  }

  #grow(
    index: number,
    delta: Anthropic.RawContentBlockDelta,
  ): { text?: string; thinking?: string } | undefined {
    const growing = this.#blocks[index];
    if (!growing) return undefined;
    const { block } = growing;
    if (delta.type === "text_delta" && block.type === "text") {
      block.text += delta.text;
      return { text: delta.text };
    }
    if (delta.type === "thinking_delta" && block.type === "thinking") {
      block.thinking += delta.thinking;
      return { thinking: delta.thinking };
    }
    if (delta.type === "signature_delta" && block.type === "thinking") {
      block.signature = delta.signature;
    } else if (delta.type === "input_json_delta") {
      growing.arguments += delta.partial_json;
    }
    return undefined;
  }
}

/** The counts that are there: a later event repeats some of the first one's as null. */
function known(usage: Counts | undefined): Counts {
  return Object.fromEntries(Object.entries(usage ?? {}).filter(([, value]) => value != null));
}

function parsed(text: string): { input: unknown; malformed?: string } {
  try {
    return { input: JSON.parse(text) as unknown };
  } catch (thrown) {
    return { input: text, malformed: (thrown as Error).message };
  }
}

const FINISHES: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  tool_use: "tool_calls",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  pause_turn: "length",
  refusal: "content_filter",
};

/** One response from the answers between which the provider paused. */
export function responseOf(
  legs: readonly Leg[],
  given: readonly string[],
  nameOf: (wire: string) => string,
): ModelResponse {
  const into = { content: [] as Part[], toolCalls: [] as ToolCall[], warnings: [...given] };
  for (const leg of legs) leg.collect(into, nameOf);
  const reason = legs.at(-1)?.stopReason ?? "none";
  const finish = FINISHES[reason];
  if (finish === undefined)
    into.warnings.push(`The model stopped for the unknown reason ${reason}.`);
  if (reason === "refusal") into.warnings.push("The model refused.");
  if (reason === "pause_turn")
    into.warnings.push("The model paused too often and was not asked again.");
  const { content, toolCalls, warnings } = into;
  return {
    content,
    toolCalls,
    finish: finish ?? (toolCalls.length > 0 ? "tool_calls" : "stop"),
    usage: legs.map(({ usage }) => usage).reduce(sum),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

function sum(one: Usage, other: Usage): Usage {
  const cached = (one.cachedInput ?? 0) + (other.cachedInput ?? 0);
  const hasCached = one.cachedInput !== undefined || other.cachedInput !== undefined;
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    ...(hasCached ? { cachedInput: cached } : {}),
  };
}

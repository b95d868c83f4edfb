import type {
  LanguageModelV3Content,
  LanguageModelV3StreamPart,
  SharedV3ProviderMetadata,
  SharedV3Warning,
} from "@ai-sdk/provider";
import type { FinishReason, ModelResponse, Part, ToolCall, Usage } from "@harnessx/core/plugin";
import { callsPart, thinkingPart } from "./metadata.ts";
import { callOf } from "./tool-arguments.ts";

/** Why a model stopped, in the words of either generation. */
export interface Stop {
  readonly unified: string;
  readonly raw: string | undefined;
}

const FINISHES: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  "tool-calls": "tool_calls",
  length: "length",
  "content-filter": "content_filter",
};

/** An answer that grows part by part; a whole one is a list of parts. */
export class Answer {
  readonly #blocks: {
    kind: "text" | "reasoning";
    text: string;
    metadata?: SharedV3ProviderMetadata;
  }[] = [];
  /** The place in `#blocks` of each id of the stream. */
  readonly #open = new Map<string, number>();
  readonly #calls: ToolCall[] = [];
  readonly #attached: Record<number, SharedV3ProviderMetadata> = {};
  readonly #warnings: string[];
  readonly #nameOf: (wire: string) => string;

  constructor(warnings: readonly string[], nameOf: (wire: string) => string) {
    this.#warnings = [...warnings];
    this.#nameOf = nameOf;
  }

  takeContent(content: LanguageModelV3Content): void {
    if (content.type === "text" || content.type === "reasoning") {
      this.#blocks.push({
        kind: content.type,
        text: content.text,
        metadata: content.providerMetadata,
      });
    } else if (content.type === "tool-call" && !content.providerExecuted) {
      const { toolCallId, toolName, input, providerMetadata } = content;
      if (providerMetadata) this.#attached[this.#calls.length] = providerMetadata;
      this.#calls.push(callOf(toolCallId, this.#nameOf(toolName), input));
    } else if (content.type !== "source") {
      this.#warnings.push(`Content of the type ${content.type} was left out.`);
    }
  }

  /** Takes a part of a stream and returns what is new to show. */
  takePart(
    part: LanguageModelV3StreamPart,
  ): { readonly type: "text" | "thinking"; readonly text: string } | undefined {
    switch (part.type) {
      case "text-start":
      case "reasoning-start": {
        const kind = part.type === "text-start" ? "text" : "reasoning";
        const metadata = part.providerMetadata;
        this.#open.set(`${kind} ${part.id}`, this.#blocks.push({ kind, text: "", metadata }) - 1);
        return undefined;
      }
      case "text-delta":
      case "reasoning-delta":
      case "text-end":
      case "reasoning-end":
        return this.#grow(part);
      case "tool-call":
      case "file":
      case "tool-result":
      case "source":
      case "tool-approval-request":
        this.takeContent(part);
        return undefined;
      case "stream-start":
        this.warn(part.warnings);
        return undefined;
      default:
        return undefined;
    }
  }

  warn(warnings: readonly SharedV3Warning[] = []): void {
    for (const warning of warnings) this.#warnings.push(warningText(warning));
  }

  response(stop: Stop, usage: unknown): ModelResponse {
    const known = FINISHES[stop.unified];
    if (known === undefined)
      this.#warnings.push(`The model stopped for the unknown reason ${stop.raw ?? stop.unified}.`);
    const toolCalls = this.#calls;
    const finish = known === "stop" || known === undefined ? undefined : known;
    const counted = usageOf(usage);
    if (!counted) this.#warnings.push("The provider reported no usage; it counts as 0.");
    return {
      content: this.#content(),
      toolCalls,
      finish: finish ?? (toolCalls.length > 0 ? "tool_calls" : "stop"),
      usage: counted ?? { input: 0, output: 0 },
      ...(this.#warnings.length > 0 ? { warnings: this.#warnings } : {}),
    };
  }

  #grow(part: {
    readonly type: "text-delta" | "reasoning-delta" | "text-end" | "reasoning-end";
    readonly id: string;
    readonly delta?: string;
    readonly providerMetadata?: SharedV3ProviderMetadata;
  }): { readonly type: "text" | "thinking"; readonly text: string } | undefined {
    const kind = part.type.startsWith("text") ? "text" : "reasoning";
    const block = this.#blocks[this.#open.get(`${kind} ${part.id}`) ?? -1];
    if (!block) return undefined;
    // The signature of a thought often comes with its end.
    if (part.providerMetadata) block.metadata = merged(block.metadata, part.providerMetadata);
    if (!part.delta) return undefined;
    block.text += part.delta;
    return { type: kind === "text" ? "text" : "thinking", text: part.delta };
  }

  #content(): Part[] {
    const parts = this.#blocks.flatMap(({ kind, text, metadata }): Part[] => {
      if (kind === "text") return text === "" ? [] : [{ type: "text", text }];
      return text === "" && !metadata ? [] : [thinkingPart(text, metadata)];
    });
    return [...parts, ...callsPart(this.#attached)];
  }
}

function merged(
  before: SharedV3ProviderMetadata | undefined,
  more: SharedV3ProviderMetadata,
): SharedV3ProviderMetadata {
  const providers = Object.entries(more).map(
    ([provider, data]) => [provider, { ...before?.[provider], ...data }] as const,
  );
  return { ...before, ...Object.fromEntries(providers) };
}

function warningText(warning: SharedV3Warning): string {
  const { type, feature, setting, message, details } = warning as unknown as Record<string, string>;
  // The older generation says `setting`.
  return (
    message ?? `${type}: ${feature ?? setting ?? "a setting"}${details ? ` (${details})` : ""}`
  );
}

/** Counts of either generation: an object with totals, or plain numbers. */
function usageOf(usage: unknown): Usage | undefined {
  const { inputTokens, outputTokens, cachedInputTokens } = (usage ?? {}) as Record<string, unknown>;
  const input = total(inputTokens);
  const output = total(outputTokens);
  if (input === undefined && output === undefined) return undefined;
  const cached =
    (inputTokens as { cacheRead?: number } | undefined)?.cacheRead ??
    (cachedInputTokens as number | undefined);
  return {
    input: input ?? 0,
    output: output ?? 0,
    ...(cached === undefined ? {} : { cachedInput: Math.min(cached, input ?? 0) }),
  };
}

function total(count: unknown): number | undefined {
  if (typeof count === "number") return count;
  const { total: of } = (count ?? {}) as { readonly total?: number };
  return of;
}

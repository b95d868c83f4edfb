import type {
  LanguageModelV3FilePart,
  LanguageModelV3Message,
  LanguageModelV3Prompt,
  LanguageModelV3TextPart,
  LanguageModelV3ToolResultOutput,
  LanguageModelV3ToolResultPart,
} from "@ai-sdk/provider";
import {
  textOf,
  type AssistantMessage,
  type ImagePart,
  type MessageList,
  type Part,
  type ToolMessage,
} from "@harnessx/core/plugin";
import { carriedBy } from "./metadata.ts";
import { wireId, wireName } from "./wire-names.ts";

/** The generations of the interface between AI SDK and providers. */
export type Generation = "v2" | "v3";

type AssistantContent = Extract<LanguageModelV3Message, { role: "assistant" }>["content"];

/** The conversation as providers take it; results of one turn are one message. */
export function promptOf(messages: MessageList, generation: Generation): LanguageModelV3Prompt {
  const prompt: LanguageModelV3Message[] = [];
  for (const message of messages) {
    switch (message.role) {
      case "system":
        prompt.push({ role: "system", content: textOf(message) });
        break;
      case "user":
        prompt.push({ role: "user", content: userContent(message.content) });
        break;
      case "assistant":
        prompt.push({ role: "assistant", content: assistantContent(message) });
        break;
      case "tool": {
        const last = prompt.at(-1);
        const result = resultOf(message, generation);
        if (last?.role === "tool") last.content.push(result);
        else prompt.push({ role: "tool", content: [result] });
      }
    }
  }
  return prompt;
}

function userContent(
  content: readonly Part[],
): (LanguageModelV3TextPart | LanguageModelV3FilePart)[] {
  return content.flatMap((part): (LanguageModelV3TextPart | LanguageModelV3FilePart)[] => {
    if (part.type === "text") return [{ type: "text", text: part.text }];
    if (part.type === "thinking") return [];
    return [{ type: "file", mediaType: part.mediaType, data: urlOf(part) ?? part.data }];
  });
}

function assistantContent({ content, toolCalls }: AssistantMessage): AssistantContent {
  const sent: AssistantContent = [];
  const carried = content.map(carriedBy);
  for (const [index, part] of content.entries()) {
    if (part.type === "text") sent.push({ type: "text", text: part.text });
    const reasoning = carried[index]?.reasoning;
    // Thinking without the provider's mark is another model's, or of no use to this one.
    if (part.type === "thinking" && reasoning)
      sent.push({ type: "reasoning", text: part.text, providerOptions: reasoning });
  }
  const calls = carried.find((one) => one?.calls)?.calls ?? {};
  for (const [index, call] of toolCalls.entries()) {
    const { input, malformed } = call;
    sent.push({
      type: "tool-call",
      toolCallId: wireId(call.id),
      toolName: wireName(call.name),
      input: malformed === undefined ? input : { malformed_arguments: input },
      ...(calls[index] ? { providerOptions: calls[index] } : {}),
    });
  }
  return sent;
}

function resultOf(message: ToolMessage, generation: Generation): LanguageModelV3ToolResultPart {
  return {
    type: "tool-result",
    toolCallId: wireId(message.callId),
    toolName: wireName(message.name),
    output: outputOf(message, generation),
  };
}

function outputOf(message: ToolMessage, generation: Generation): LanguageModelV3ToolResultOutput {
  const hasImages = message.content.some(({ type }) => type === "image");
  if (!hasImages) {
    const type = message.status === "ok" ? "text" : "error-text";
    return { type, value: textOf(message) };
  }
  const value = message.content.flatMap((part) => {
    if (part.type === "text") return [{ type: "text" as const, text: part.text }];
    return part.type === "image" ? [imageOf(part, generation)] : [];
  });
  return { type: "content", value } as LanguageModelV3ToolResultOutput;
}

function imageOf(part: ImagePart, generation: Generation): object {
  const { data, mediaType } = part;
  if (generation === "v2") return { type: "media", data, mediaType };
  const url = urlOf(part);
  return url ? { type: "image-url", url: url.href } : { type: "image-data", data, mediaType };
}

const urlOf = ({ data }: ImagePart): URL | undefined =>
  /^https?:\/\//.test(data) ? new URL(data) : undefined;

import type { Message, MessageList, Part, ThinkingPart } from "@harnessx/core/plugin";
import { textOf } from "@harnessx/core/plugin";
import type OpenAI from "openai";
import { urlOf } from "../images.ts";
import { argumentsOf } from "../tool-arguments.ts";
import { wireId, wireName } from "../wire-names.ts";
import { reasoningItemOf } from "./reasoning.ts";

type InputItem = OpenAI.Responses.ResponseInputItem;
type InputContent = OpenAI.Responses.ResponseInputContent;

/** The conversation in the form of the Responses API; the system message goes elsewhere. */
export function responsesInput(messages: MessageList): InputItem[] {
  return [...messages].flatMap(itemsOf);
}

function itemsOf(message: Message): InputItem[] {
  switch (message.role) {
    case "system":
      return [];
    case "user":
      return [{ role: "user", content: contentOf(message.content) }];
    case "tool":
      return [
        {
          type: "function_call_output",
          call_id: wireId(message.callId),
          output: contentOf(
            message.content,
          ) as OpenAI.Responses.ResponseInputItem.FunctionCallOutput["output"],
        },
      ];
    case "assistant": {
      const text = textOf(message);
      // Reasoning must come back before what it led to, and is refused when it led to nothing.
      if (text === "" && message.toolCalls.length === 0) return [];
      return [
        ...message.content
          .filter((part): part is ThinkingPart => part.type === "thinking")
          .flatMap((part) => reasoningItemOf(part) ?? []),
        ...(text === "" ? [] : [{ role: "assistant" as const, content: text }]),
        ...message.toolCalls.map((call) => ({
          type: "function_call" as const,
          call_id: wireId(call.id),
          name: wireName(call.name),
          arguments: argumentsOf(call),
        })),
      ];
    }
  }
}

function contentOf(content: readonly Part[]): string | InputContent[] {
  if (!content.some(({ type }) => type === "image")) return textOf(content);
  return content.flatMap((part): InputContent[] => {
    if (part.type === "text") return [{ type: "input_text", text: part.text }];
    if (part.type === "thinking") return [];
    return [{ type: "input_image", image_url: urlOf(part), detail: "auto" }];
  });
}

import type { ImagePart, Message, MessageList, Part } from "@harnessx/core/plugin";
import { textOf } from "@harnessx/core/plugin";
import type OpenAI from "openai";
import { urlOf } from "../images.ts";
import { argumentsOf } from "../tool-arguments.ts";
import { wireId, wireName } from "../wire-names.ts";

type ChatMessage = OpenAI.ChatCompletionMessageParam;
type ChatPart = OpenAI.ChatCompletionContentPart;

/** The conversation in the form of Chat Completions. */
export function chatMessages(messages: MessageList, sendReasoning: boolean): ChatMessage[] {
  const sent: ChatMessage[] = [];
  // A tool message holds text alone: its images follow as a user message when all results are in.
  let images: { name: string; parts: ImagePart[] }[] = [];
  const flush = (): void => {
    if (images.length > 0) sent.push({ role: "user", content: images.flatMap(imagesOfResult) });
    images = [];
  };
  for (const message of messages) {
    if (message.role !== "tool") flush();
    sent.push(chatMessage(message, sendReasoning));
    if (message.role === "tool") {
      const parts = message.content.filter(isImage);
      if (parts.length > 0) images.push({ name: message.name, parts });
    }
  }
  flush();
  return sent;
}

function chatMessage(message: Message, sendReasoning: boolean): ChatMessage {
  switch (message.role) {
    case "system":
      return { role: "system", content: textOf(message) };
    case "user":
      return { role: "user", content: userContent(message.content) };
    case "tool":
      return { role: "tool", tool_call_id: wireId(message.callId), content: textOf(message) };
    case "assistant": {
      const text = textOf(message);
      const thinking = sendReasoning ? thinkingOf(message.content) : "";
      const calls = message.toolCalls.map((call) => ({
        id: wireId(call.id),
        type: "function" as const,
        function: { name: wireName(call.name), arguments: argumentsOf(call) },
      }));
      return {
        role: "assistant",
        ...(text !== "" || calls.length === 0 ? { content: text } : {}),
        ...(thinking === "" ? {} : { reasoning_content: thinking }),
        ...(calls.length === 0 ? {} : { tool_calls: calls }),
      };
    }
  }
}

function userContent(content: readonly Part[]): string | ChatPart[] {
  if (!content.some(isImage)) return textOf(content);
  return content.flatMap((part): ChatPart[] => {
    if (part.type === "text") return [{ type: "text", text: part.text }];
    return part.type === "image" ? [imagePart(part)] : [];
  });
}

function imagesOfResult({ name, parts }: { name: string; parts: ImagePart[] }): ChatPart[] {
  return [{ type: "text", text: `Images in the result of ${name}:` }, ...parts.map(imagePart)];
}

const imagePart = (part: ImagePart): ChatPart => ({
  type: "image_url",
  image_url: { url: urlOf(part) },
});

const isImage = (part: Part): part is ImagePart => part.type === "image";

const thinkingOf = (content: readonly Part[]): string =>
  content.map((part) => (part.type === "thinking" ? part.text : "")).join("");

import type Anthropic from "@anthropic-ai/sdk";
import type {
  AssistantMessage,
  ImagePart,
  Message,
  MessageList,
  Part,
  ToolCall,
  ToolMessage,
} from "@harnessx/core/plugin";
import { wireId, wireName } from "../wire-names.ts";
import { thinkingBlockOf } from "./thinking.ts";

type Block = Anthropic.ContentBlockParam;
type ResultContent = Exclude<Anthropic.ToolResultBlockParam["content"], string | undefined>;

/** A message whose content is always a list of blocks. */
export interface Turn {
  readonly role: "user" | "assistant";
  readonly content: Block[];
}

/**
 * The conversation as the API demands it: roles in turn, the user first, results of tools before
 * anything else the user says, nothing empty. The system message goes elsewhere.
 */
export function conversation(messages: MessageList): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === "system") continue;
    const role = message.role === "assistant" ? "assistant" : "user";
    const blocks = blocksOf(message);
    if (blocks.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: blocks });
  }
  if (turns[0]?.role !== "user")
    turns.unshift({ role: "user", content: [text("(The beginning is left out.)")] });
  for (const { role, content } of turns) {
    // Sorting is stable: results keep their order, and so does the rest.
    if (role === "user") content.sort((a, b) => rank(a) - rank(b));
  }
  trimEnd(turns.at(-1));
  return turns;
}

const rank = ({ type }: Block): number => (type === "tool_result" ? 0 : 1);

function blocksOf(message: Exclude<Message, { role: "system" }>): Block[] {
  switch (message.role) {
    case "user": {
      const blocks = message.content.flatMap(shown);
      return blocks.length > 0 ? blocks : [text("(empty)")];
    }
    case "tool":
      return [resultOf(message)];
    case "assistant":
      return assistantBlocks(message);
  }
}

function assistantBlocks({ content, toolCalls }: AssistantMessage): Block[] {
  const said = content.flatMap((part): Block[] => {
    if (part.type === "thinking") return [thinkingBlockOf(part) ?? []].flat();
    return part.type === "text" ? shown(part) : [];
  });
  const calls = toolCalls.map((call) => ({
    type: "tool_use" as const,
    id: wireId(call.id),
    name: wireName(call.name),
    input: inputOf(call),
  }));
  const isOnlyThinking = calls.length === 0 && !said.some(({ type }) => type === "text");
  return isOnlyThinking ? [] : [...said, ...calls];
}

/** The API takes nothing but objects; what was none goes back inside one. */
function inputOf({ input, malformed }: ToolCall): Record<string, unknown> {
  if (malformed !== undefined) return { malformed_arguments: input };
  if (typeof input === "object" && input !== null && !Array.isArray(input))
    return input as Record<string, unknown>;
  return { input };
}

function resultOf({ callId, content, status }: ToolMessage): Anthropic.ToolResultBlockParam {
  const blocks = content.flatMap(shown) as ResultContent;
  const isError = status !== "ok";
  // An error without content is refused.
  const sent = blocks.length === 0 && isError ? [text(status)] : blocks;
  return {
    type: "tool_result",
    tool_use_id: wireId(callId),
    ...(sent.length > 0 ? { content: sent } : {}),
    ...(isError ? { is_error: true } : {}),
  };
}

/** Text that is not blank, and images; the API refuses blank text. */
function shown(part: Part): (Anthropic.TextBlockParam | Anthropic.ImageBlockParam)[] {
  if (part.type === "image") return [imageOf(part)];
  return part.type === "text" && part.text.trim() !== "" ? [text(part.text)] : [];
}

const text = (value: string): Anthropic.TextBlockParam => ({ type: "text", text: value });

function imageOf({ data, mediaType }: ImagePart): Anthropic.ImageBlockParam {
  if (/^https?:\/\//.test(data)) return { type: "image", source: { type: "url", url: data } };
  const media_type = mediaType as Anthropic.Base64ImageSource["media_type"];
  return { type: "image", source: { type: "base64", media_type, data } };
}

/** An answer that the model is to go on with must not end in white space. */
function trimEnd(turn: Turn | undefined): void {
  const last = turn?.content.at(-1);
  if (turn?.role !== "assistant" || last?.type !== "text") return;
  turn.content[turn.content.length - 1] = text(last.text.trimEnd());
}

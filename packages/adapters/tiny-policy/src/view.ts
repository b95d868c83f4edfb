import type { Message, MessageList } from "@harnessx/core/plugin";
import { textOfCall } from "./commands.ts";
import { readGuidance, type Guidance } from "./guidance.ts";
import { instancesIn, readReply, type Reply } from "./reply.ts";
import { readTask, type TaskReading } from "./task.ts";

/** One command in view and what the world said. */
export interface Exchange {
  readonly command: string;
  readonly reply: Reply | undefined;
}

/** All that the policy attends to in one call. */
export interface View {
  readonly task: TaskReading;
  /** Places that the first message lists. */
  readonly places: readonly string[];
  /** Oldest first; at most `attention` of them. */
  readonly exchanges: readonly Exchange[];
  readonly guidance: readonly Guidance[];
  /** The messages that it read, for counting tokens. */
  readonly read: readonly Message[];
}

interface Opening {
  readonly task: TaskReading;
  readonly places: readonly string[];
  readonly guidance: Guidance | undefined;
}

/** How many messages before the first answer are read; more would be a history, not an opening. */
const openingLimit = 12;

const texts = new WeakMap<Message, string>();
const replies = new WeakMap<Message, Reply>();
const commands = new WeakMap<Message, string>();
const openings = new WeakMap<Message, Opening>();
const advice = new WeakMap<Message, Guidance>();
const adviceByText = new Map<string, Guidance>();

/** The text of a message, without the parts that are no text. */
export function textOfMessage(message: Message): string {
  let text = texts.get(message);
  if (text !== undefined) return text;
  text = "";
  const content: unknown = message.content;
  if (typeof content === "string") text = content;
  else if (Array.isArray(content))
    for (const part of content as readonly { type?: unknown; text?: unknown }[])
      if (part?.type === "text" && typeof part.text === "string")
        text += text === "" ? part.text : `\n${part.text}`;
  texts.set(message, text);
  return text;
}

function memo<Value>(
  map: WeakMap<Message, Value>,
  message: Message,
  read: (text: string) => Value,
): Value {
  let value = map.get(message);
  if (value === undefined) {
    value = read(textOfMessage(message));
    map.set(message, value);
  }
  return value;
}

/** System prompts are the same in every episode, so they are also remembered by their text. */
function readAdvice(text: string): Guidance {
  const known = adviceByText.get(text);
  if (known !== undefined) return known;
  const made = readGuidance(text);
  if (adviceByText.size >= 64) adviceByText.clear();
  adviceByText.set(text, made);
  return made;
}

const taskLine = /task is(?: to)?:?\s*(.+)$/i;

/** The first user message: the room, the task, and whatever else stands there, which is advice. */
function readOpening(text: string): Opening {
  const places: string[] = [];
  const rest: string[] = [];
  let task: string | undefined;
  for (const line of text.split("\n")) {
    const match = task === undefined ? taskLine.exec(line) : null;
    if (match !== null) task = match[1]!;
    else if (places.length === 0 && /you see /i.test(line)) {
      // A task on the same line as the room is found by the pattern above; here is only the room.
      places.push(...instancesIn(line.slice(line.search(/you see /i))));
    } else if (!line.startsWith("-=")) rest.push(line);
  }
  if (task === undefined) task = rest.find((line) => line.trim() !== "") ?? "";
  const guidance = rest.some((line) => line.trim() !== "" && line.trim() !== task?.trim());
  return {
    task: readTask(task),
    places: [...new Set(places.map((place) => place.toLowerCase()))],
    guidance: guidance ? readGuidance(rest.join("\n")) : undefined,
  };
}

const readCommand = (message: Message & { role: "assistant" }): string => {
  let command = commands.get(message);
  if (command === undefined) {
    const call = Array.isArray(message.toolCalls) ? message.toolCalls[0] : undefined;
    command = call === undefined ? "" : textOfCall(String(call.name), call.input);
    commands.set(message, command);
  }
  return command;
};

/**
 * Collects what the policy reads of a request: system messages, the opening, the last `attention`
 * exchanges, and user messages after the opening in that range. Its cost does not grow with the
 * length of the history.
 */
export function readView(messages: MessageList, attention: number): View {
  const length = messages.length;
  const read: Message[] = [];
  const guidance: Guidance[] = [];
  let opening: Opening | undefined;
  let head = 0;
  for (; head < length && head < openingLimit; head += 1) {
    const message = messages.at(head)!;
    if (message.role === "assistant" || message.role === "tool") break;
    read.push(message);
    if (message.role === "user" && opening === undefined) {
      opening = memo(openings, message, readOpening);
      if (opening.guidance !== undefined) guidance.push(opening.guidance);
    } else
      guidance.push(memo(advice, message, message.role === "system" ? readAdvice : readGuidance));
  }
  let start = length;
  for (let seen = 0; start > head; start -= 1) {
    if (messages.at(start - 1)!.role !== "assistant") continue;
    seen += 1;
    if (seen > attention) break;
  }
  const exchanges: { command: string; reply: Reply | undefined }[] = [];
  for (let i = start; i < length; i += 1) {
    const message = messages.at(i)!;
    read.push(message);
    if (message.role === "assistant")
      exchanges.push({ command: readCommand(message), reply: undefined });
    else if (message.role === "tool") {
      const reply = memo(replies, message, readReply);
      const latest = exchanges.at(-1);
      if (latest !== undefined) latest.reply = reply;
      if (reply.rest.trim() !== "")
        guidance.push(memo(advice, message, () => readGuidance(reply.rest)));
    } else guidance.push(memo(advice, message, readGuidance));
  }
  return {
    task: opening?.task ?? readTask(""),
    places: opening?.places ?? [],
    exchanges,
    guidance,
    read,
  };
}

import { textOf } from "@harnessx/core/plugin";
import type { MessageList, ToolStatus } from "@harnessx/core/plugin";

/** A call that was made and what came of it. */
export interface Attempt {
  readonly tool: string;
  /** The first text among its arguments. */
  readonly value: string;
  readonly status: ToolStatus;
  readonly reply: string;
}

/** What the policy makes of a conversation. */
export interface Situation {
  readonly question: string;
  /** Address of the page to start at. */
  readonly start: string;
  readonly attempts: readonly Attempt[];
}

const ADDRESS = /https?:\/\/[^\s"<>]+/;

/** Reads a conversation from its beginning. */
export function readSituation(messages: MessageList): Situation {
  let task: string | undefined;
  const calls = new Map<string, { readonly tool: string; readonly value: string }>();
  const attempts: Attempt[] = [];
  for (const message of messages) {
    if (message.role === "user") task ??= textOf(message);
    else if (message.role === "assistant") {
      for (const { id, name, input } of message.toolCalls)
        calls.set(id, { tool: name, value: firstText(input) });
    } else if (message.role === "tool") {
      const call = calls.get(message.callId) ?? { tool: message.name, value: "" };
      attempts.push({ ...call, status: message.status, reply: textOf(message) });
    }
  }
  return { question: questionIn(task ?? ""), start: ADDRESS.exec(task ?? "")?.[0] ?? "", attempts };
}

/** The line that ends with a question mark, without a label. */
function questionIn(task: string): string {
  const line = task.split("\n").find((one) => one.trim().endsWith("?")) ?? task;
  return line.replace(/^\s*[A-Z]\w*:\s*/, "").trim();
}

function firstText(input: unknown): string {
  if (typeof input !== "object" || input === null) return "";
  const found = Object.values(input).find((value) => typeof value === "string");
  return typeof found === "string" ? found : "";
}

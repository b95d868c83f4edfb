import { textOf, type ModelResponse, type ToolSpec } from "@harnessx/core/plugin";
import { findWrittenCall } from "./written-call.ts";

/** Why a response could not be carried out. */
export interface Fault {
  readonly kind: "malformed" | "written";
  readonly tool: string;
  /** What the parser said; empty for a written call. */
  readonly problem: string;
  /** What the model wrote in place of a call. */
  readonly quote: string;
  /** What the model said beside it. */
  readonly speech: string;
}

/** The fault of a response; nothing when any call of it can run, or when it is an answer. */
export function faultOf(
  { content, toolCalls }: ModelResponse,
  tools: readonly ToolSpec[],
  writtenCalls: boolean,
): Fault | undefined {
  const text = textOf(content);
  // Beside a call that can run, the runtime answers the malformed ones itself.
  if (toolCalls.some(({ malformed }) => malformed === undefined)) return undefined;
  const [first] = toolCalls;
  if (first) {
    const { name, input, malformed = "" } = first;
    const quote = typeof input === "string" ? input : (JSON.stringify(input) ?? "");
    return { kind: "malformed", tool: name, problem: malformed, quote, speech: text.trim() };
  }
  if (!writtenCalls || tools.length === 0) return undefined;
  const call = findWrittenCall(text, new Set(tools.map(({ name }) => name)));
  if (!call) return undefined;
  const speech = text.slice(0, call.start).trim();
  return { kind: "written", tool: call.tool, problem: "", quote: call.text.trim(), speech };
}

/** Head and tail of a text: a fault is mostly at one of the two ends. */
export function shortened(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const head = Math.ceil((maxChars - 1) / 2);
  const tail = maxChars - 1 - head;
  return `${text.slice(0, head)}…${tail > 0 ? text.slice(-tail) : ""}`;
}

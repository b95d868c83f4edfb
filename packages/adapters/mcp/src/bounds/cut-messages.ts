import type { BoundedLine } from "./bounded-lines.ts";
import { describeBinary, wasCut } from "./describe-binary.ts";

/** A JSON-RPC message, as far as the transports look at it. */
export interface Message {
  readonly jsonrpc: "2.0";
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** The key under which a result says how many bytes were left out of it. */
export const CLIPPED_KEY = "harnessx/clipped-bytes";

/** JSON-RPC error codes of our own making; outside the range that the protocol reserves. */
export const TOO_LARGE = -31_901;
export const STREAM_LOST = -31_902;

/**
 * The message of a line: marked when it was shortened, an error in place of one that was dropped,
 * nothing when the line is no message.
 */
export function messageOfLine(line: BoundedLine, text = line.text): Message | undefined {
  if (text === undefined) return tooLarge(line);
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return line.clipped > 0
      ? tooLarge({ ...line, ends: text.slice(0, 512) + text.slice(-512) })
      : undefined;
  }
  if (typeof message !== "object" || message === null || Array.isArray(message)) return undefined;
  const given = message as Message;
  if (given.jsonrpc !== "2.0") return undefined;
  return line.clipped > 0 ? marked(given, line.clipped) : given;
}

/** A result that says of itself how much is missing. */
function marked(message: Message, clipped: number): Message {
  if (message.result === undefined) return message;
  const meta = message.result["_meta"] as Record<string, unknown> | undefined;
  const content = message.result["content"];
  const whole = Array.isArray(content) ? { content: content.map(withoutCutData) } : {};
  const result = { ...message.result, ...whole, _meta: { ...meta, [CLIPPED_KEY]: clipped } };
  return { ...message, result };
}

/** Half a picture is none, and the SDKs refuse it: it is described instead. */
function withoutCutData(block: unknown): unknown {
  const { type, data, mimeType, resource } = (block ?? {}) as Record<string, unknown>;
  if (typeof data === "string" && wasCut(data))
    return {
      type: "text",
      text: describeBinary(String(type), mimeType as string | undefined, data),
    };
  const { uri, mimeType: media, blob } = (resource ?? {}) as Record<string, unknown>;
  if (typeof blob !== "string" || !wasCut(blob)) return block;
  const text = describeBinary(`resource ${String(uri)}`, media as string | undefined, blob);
  return { type: "text", text };
}

function tooLarge(line: BoundedLine): Message | undefined {
  const id = idIn(line.ends);
  return id === undefined ? undefined : failure(id, TOO_LARGE, `it has ${line.bytes} bytes`);
}

/** An error response as if it had come from the server. */
export const failure = (id: string | number, code: number, message: string): Message => ({
  jsonrpc: "2.0",
  id,
  error: { code, message },
});

/** Servers write the id at the very beginning or the very end. */
function idIn(ends: string): string | number | undefined {
  const found =
    /^\s*(?:data:\s*)?\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d+|"[^"\\]{1,64}")/.exec(
      ends,
    ) ?? /"id"\s*:\s*(\d+|"[^"\\]{1,64}")\s*\}\s*$/.exec(ends);
  return found ? (JSON.parse(found[1]!) as string | number) : undefined;
}

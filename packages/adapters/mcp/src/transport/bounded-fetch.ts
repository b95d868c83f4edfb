import { BoundedLines, type BoundedLine, type MessageBounds } from "../bounds/bounded-lines.ts";
import { failure, messageOfLine, STREAM_LOST, type Message } from "../bounds/cut-messages.ts";

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` whose answers are bounded, and whose event streams end with an answer: a stream that
 * breaks off before it, and cannot be resumed, is completed with an error response. The SDKs would
 * wait for the answer until the call's deadline.
 */
export function boundedFetch(fetch: Fetch, bounds: MessageBounds): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    const type = response.headers.get("content-type") ?? "";
    if (!response.ok || response.body === null) return response;
    if (type.includes("text/event-stream"))
      return withBody(response, events(response.body, bounds, idOf(init)));
    if (type.includes("json")) return boundedJson(response, bounds, idOf(init));
    return response;
  };
}

/** The id of the request that the body holds. */
function idOf(init: RequestInit | undefined): string | number | undefined {
  if (init?.method !== "POST" || typeof init.body !== "string") return undefined;
  try {
    const { id, method } = JSON.parse(init.body) as Message;
    return method === undefined ? undefined : id;
  } catch {
    return undefined;
  }
}

function withBody(response: Response, body: string | ReadableStream<Uint8Array>): Response {
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  headers.delete("content-encoding");
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}

async function boundedJson(
  response: Response,
  bounds: MessageBounds,
  id: string | number | undefined,
): Promise<Response> {
  const lines = new BoundedLines(bounds);
  const texts: string[] = [];
  let size = 0;
  let clipped = 0;
  let bytes = 0;
  const take = (line: BoundedLine): void => {
    size += line.text?.length ?? Number.POSITIVE_INFINITY;
    clipped += line.clipped;
    bytes += line.bytes;
    if (size <= bounds.maxMessageBytes) texts.push(line.text!);
  };
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
    for (const line of lines.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)))
      take(line);
  const last = lines.end();
  if (last) take(last);
  if (size > bounds.maxMessageBytes) {
    const dropped = { clipped, bytes, ends: `{"id":${JSON.stringify(id ?? null)}` };
    return withBody(response, JSON.stringify(messageOfLine(dropped)) ?? "null");
  }
  const text = texts.join("\n");
  if (clipped === 0) return withBody(response, text);
  const message = messageOfLine({ text, clipped, bytes, ends: "" });
  return withBody(response, message ? JSON.stringify(message) : text);
}

function events(
  body: ReadableStream<Uint8Array>,
  bounds: MessageBounds,
  id: string | number | undefined,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const lines = new BoundedLines(bounds);
  const state = { id, answered: id === undefined, resumable: false };
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const read = await reader.read().catch((thrown: unknown) => ({ lost: thrown }));
          if ("lost" in read || read.done) {
            const lost = "lost" in read ? read.lost : undefined;
            if (!state.answered && !state.resumable)
              controller.enqueue(encoder.encode(lostEvent(id!, lost)));
            else if (lost !== undefined) return controller.error(lost);
            return controller.close();
          }
          const chunk = read.value;
          const out: string[] = [];
          for (const line of lines.push(
            Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength),
          ))
            out.push(eventLine(line, state));
          if (out.length === 0) continue;
          return controller.enqueue(encoder.encode(out.join("")));
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function lostEvent(id: string | number, lost: unknown): string {
  const why = lost instanceof Error ? lost.message : "the stream ended";
  return `\ndata: ${JSON.stringify(failure(id, STREAM_LOST, why))}\n\n`;
}

/** A line of the stream, noting whether it is the answer or makes the stream resumable. */
function eventLine(
  line: BoundedLine,
  state: { readonly id: string | number | undefined; answered: boolean; resumable: boolean },
): string {
  const { text } = line;
  if (text !== undefined && line.clipped === 0) {
    if (text.startsWith("id:") && text.length > 4) state.resumable = true;
    if (!state.answered && text.startsWith("data:"))
      state.answered = answers(text.slice(5), state.id);
    return `${text}\n`;
  }
  const message = messageOfLine(line, text?.replace(/^data:/, ""));
  if (!message) return "\n";
  if (message.method === undefined && message.id === state.id) state.answered = true;
  return `data: ${JSON.stringify(message)}\n`;
}

function answers(data: string, id: string | number | undefined): boolean {
  if (!data.includes('"id"')) return false;
  try {
    const message = JSON.parse(data) as Message;
    return message.method === undefined && message.id === id;
  } catch {
    return false;
  }
}

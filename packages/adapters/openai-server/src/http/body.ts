import type { IncomingMessage } from "node:http";
import { badRequest, Failure } from "./failure.ts";

/** Reads a JSON object from a request. Throws a `Failure` for anything else and for more than `limit` bytes. */
export async function readJson(
  request: IncomingMessage,
  limit: number,
): Promise<Readonly<Record<string, unknown>>> {
  const type = request.headers["content-type"] ?? "";
  // Also keeps out what a web page may send without asking first.
  if (!/^application\/json\b/i.test(type))
    throw new Failure(415, "invalid_request_error", "The content type must be application/json.");
  const text = await readText(request, limit);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest("The body is no JSON.", undefined, "invalid_json");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badRequest("The body is no JSON object.", undefined, "invalid_json");
  return value as Record<string, unknown>;
}

async function readText(request: IncomingMessage, limit: number): Promise<string> {
  const tooLarge = (): Failure =>
    new Failure(413, "invalid_request_error", `The body is larger than ${limit} bytes.`, {
      code: "body_too_large",
    });
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > limit) throw tooLarge();
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

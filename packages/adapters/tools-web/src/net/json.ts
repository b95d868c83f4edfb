import { webError } from "../errors.ts";
import type { Client, WebRequest } from "./client.ts";

/** A JSON object that a service answered with; fields are whatever they are. */
export type JsonFields = Readonly<Record<string, unknown>>;

/** Asks a service for a JSON object. Redirects are not followed: they would take keys elsewhere. */
export async function askForJson(client: Client, request: WebRequest): Promise<JsonFields> {
  const url = new URL(request.url).origin;
  const answer = await client({ maxRedirects: 0, ...request });
  if (answer.status !== 200) throw webError("HX_WEB_STATUS", { url, status: answer.status });
  if (answer.truncated) throw webError("HX_WEB_ANSWER", { url, problem: "it is too long" });
  try {
    const value: unknown = JSON.parse(answer.bytes.toString("utf8"));
    if (isObject(value)) return value;
  } catch (thrown) {
    throw webError("HX_WEB_ANSWER", { url, problem: "it is no JSON" }, thrown);
  }
  throw webError("HX_WEB_ANSWER", { url, problem: "it is no JSON object" });
}

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is JsonFields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The objects of a list; nothing when it is none. */
export const objectsOf = (value: unknown): readonly JsonFields[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

/** A field as text; empty when it is none. */
export const textField = (fields: JsonFields, name: string): string => {
  const value = fields[name];
  return typeof value === "string" ? value : "";
};

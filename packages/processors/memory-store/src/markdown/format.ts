import { createHash } from "node:crypto";
import type { Json, Memory } from "@harnessx/core/plugin";

const fence = "---";
const maxSlug = 40;

/** The name of a memory's file: made of a date, a few letters and a hash, whatever the id holds. */
export function fileNameOf({ id, text, at }: Memory): string {
  const day = new Date(clampedTime(at)).toISOString().slice(0, 10);
  const slug = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, maxSlug)
    .replace(/^-+|-+$/g, "");
  return `${day}-${slug === "" ? "memory" : slug}-${hashOf(id)}.md`;
}

/** What the names of all files of one memory end with, whatever day and text it has. */
export function nameEndOf(id: string): string {
  return `-${hashOf(id)}.md`;
}

function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 16);
}

/** Dates before 1970 and behind the year 9999 have no name of this form. */
function clampedTime(at: number): number {
  return Math.min(Math.max(at, 0), Date.UTC(9999, 11, 31));
}

/** A memory as a file that people can read and edit. */
export function toMarkdown({ id, text, at, tags = [], metadata }: Memory): string {
  const fields = [
    `id: ${JSON.stringify(id)}`,
    `at: ${JSON.stringify(new Date(clampedTime(at)).toISOString())}`,
    ...(tags.length === 0 ? [] : [`tags: ${JSON.stringify(tags)}`]),
    ...(metadata === undefined ? [] : [`metadata: ${JSON.stringify(metadata)}`]),
  ];
  return `${[fence, ...fields, fence].join("\n")}\n\n${text}\n`;
}

/** What a file says: people may leave out any field, or the whole head. */
export function fromMarkdown(
  content: string,
  file: { readonly name: string; readonly mtimeMs: number },
): Memory | undefined {
  const { fields, body } = split(content.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n"));
  const text = body.trim();
  if (text === "") return undefined;
  const id = fields.get("id");
  const at = Date.parse(String(fields.get("at")));
  const tags = tagsOf(fields.get("tags"));
  const metadata = fields.get("metadata");
  return {
    id: typeof id === "string" && id !== "" ? id : `file:${file.name}`,
    text,
    at: Number.isNaN(at) ? file.mtimeMs : at,
    ...(tags.length === 0 ? {} : { tags }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function split(content: string): { fields: ReadonlyMap<string, Json>; body: string } {
  const fields = new Map<string, Json>();
  const head = /^---\n([\s\S]*?)\n---(?:\n|$)/.exec(content);
  // Text that begins with a rule is text: a head has a field in every line.
  if (!head || !head[1]!.split("\n").every((line) => /^\s*$|^\w+\s*:/.test(line)))
    return { fields, body: content };
  for (const line of head[1]!.split("\n")) {
    const field = /^(\w+)\s*:\s*(.*)$/.exec(line);
    if (field) fields.set(field[1]!, valueOf(field[2]!.trim()));
  }
  return { fields, body: content.slice(head[0].length) };
}

/** JSON where it is JSON, and otherwise the words as a person writes them. */
function valueOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function tagsOf(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.filter((tag): tag is string => typeof tag === "string");
  if (typeof value !== "string") return [];
  const words = value.replace(/^\[|\]$/g, "").split(/[,\s]+/);
  return words.filter((tag) => tag !== "");
}

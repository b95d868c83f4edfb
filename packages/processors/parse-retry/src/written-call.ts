/** A call that stands in the text of a response. */
export interface WrittenCall {
  readonly tool: string;
  /** Where it begins. */
  readonly start: number;
  readonly text: string;
}

/** What lies further back has been read by the time the text ends. */
const maxSearched = 20_000;
const code = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g;
const openingTag =
  /<(?:tool_calls?|tool_use|function_calls?)>|<invoke\s+name=|<function=|\[TOOL_CALLS\]/;
const lastFence = /```[\w-]*\n([\s\S]*?)\n?```\s*$/;

/**
 * A call written as text: between the tags that models are trained on, or as JSON that is the whole
 * text or the code block at its end. Only a call of a tool in `offered` counts, and no quoted one.
 */
export function findWrittenCall(
  whole: string,
  offered: ReadonlySet<string>,
): WrittenCall | undefined {
  const skipped = Math.max(0, whole.length - maxSearched);
  const text = whole.slice(skipped);
  const found = tagged(text, offered) ?? fenced(text, offered) ?? bare(text, offered);
  return found && { ...found, start: found.start + skipped };
}

function tagged(text: string, offered: ReadonlySet<string>): WrittenCall | undefined {
  // Code keeps its length, so that positions stay.
  const prose = text.replace(code, (quoted) => " ".repeat(quoted.length));
  const start = prose.search(openingTag);
  if (start < 0) return undefined;
  const body = prose.slice(start);
  const tool = nameInTags(body) ?? nameInText(body);
  return tool !== undefined && offered.has(tool)
    ? { tool, start, text: text.slice(start) }
    : undefined;
}

function fenced(text: string, offered: ReadonlySet<string>): WrittenCall | undefined {
  // The last block alone: a search from the first fence would join two blocks.
  const from = text.lastIndexOf("```", text.trimEnd().length - 4);
  const match = from < 0 ? null : lastFence.exec(text.slice(from));
  const body = match?.[1]?.trim();
  if (body === undefined) return undefined;
  const tool = openingTag.test(body) ? (nameInTags(body) ?? nameInText(body)) : nameInJson(body);
  return tool !== undefined && offered.has(tool)
    ? { tool, start: from, text: text.slice(from) }
    : undefined;
}

function bare(text: string, offered: ReadonlySet<string>): WrittenCall | undefined {
  const tool = nameInJson(text.trim());
  return tool !== undefined && offered.has(tool) ? { tool, start: 0, text } : undefined;
}

function nameInTags(text: string): string | undefined {
  const match = /<invoke\s+name="([^"]+)"|<function=([^>\s]+)>/.exec(text);
  return match?.[1] ?? match?.[2];
}

const nameField = /"(?:name|tool|tool_name|function)"\s*:\s*"([^"]+)"/;
const argumentsField = /"(?:arguments|args|input|parameters|params|tool_input)"\s*:/;

/** The name in JSON that need not be valid. */
function nameInText(text: string): string | undefined {
  return nameField.exec(text)?.[1];
}

function nameInJson(text: string): string | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return nameOf(JSON.parse(text));
  } catch {
    return argumentsField.test(text) ? nameInText(text) : undefined;
  }
}

const nameKeys = ["tool", "tool_name", "function", "name"];
const argumentKeys = ["arguments", "args", "input", "parameters", "params", "tool_input"];

/** The tool that a value names as a call; other data may well have a `name`. */
function nameOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return nameOf(value[0]);
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const inner = fields.get("tool_calls") ?? fields.get("function") ?? fields.get("tool_call");
  if (typeof inner === "object") return nameOf(inner);
  const key = nameKeys.find((candidate) => typeof fields.get(candidate) === "string");
  if (key === undefined) return undefined;
  const isCall =
    argumentKeys.some((candidate) => fields.has(candidate)) || isOnlyAName(key, fields);
  return isCall ? (fields.get(key) as string) : undefined;
}

/** A call without arguments: `{"tool": "look"}`. */
function isOnlyAName(key: string, fields: ReadonlyMap<string, unknown>): boolean {
  return key !== "name" && fields.size === 1;
}

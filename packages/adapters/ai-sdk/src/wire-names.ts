import type { ToolSpec } from "@harnessx/core/plugin";

/** Longest call id and tool name that the API accepts. */
const MAX_ID = 40;
const MAX_NAME = 64;

/**
 * Call ids and tool names as the API accepts them: letters, digits, `_` and `-`. Others (a model of
 * another provider made them, or a tool came from elsewhere) get a stable replacement, so that the
 * cached beginning of a conversation stays the same from call to call.
 */
export const wireId = (id: string): string => safe(id, MAX_ID);

export const wireName = (name: string): string => safe(name, MAX_NAME);

/** From names in the request back to the names of the tools; names that no tool has stay as they are. */
export function namesOnWire(tools: readonly ToolSpec[]): (wire: string) => string {
  const renamed = tools.filter(({ name }) => wireName(name) !== name);
  if (renamed.length === 0) return (wire) => wire;
  const names = new Map(renamed.map(({ name }) => [wireName(name), name]));
  return (wire) => names.get(wire) ?? wire;
}

function safe(text: string, longest: number): string {
  if (text.length <= longest && /^[\w-]+$/.test(text)) return text;
  return `${text.replace(/[^\w-]/g, "_").slice(0, longest - 9)}-${hash(text)}`;
}

/** 32 bits of FNV-1a as eight hexadecimal digits. */
function hash(text: string): string {
  let value = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x0100_0193);
  }
  return (value >>> 0).toString(16).padStart(8, "0");
}

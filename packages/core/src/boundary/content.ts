import type { Part } from "../plugin/message.ts";

const EMPTY: readonly Part[] = Object.freeze([]);

/** Parts that this module made: they need not be copied again. */
const clean = new WeakSet<readonly Part[]>();

/** Text or parts as frozen parts with the fields of the contract and no others; nothing when it is neither. */
export function cleanParts(content: unknown): readonly Part[] | undefined {
  if (typeof content === "string") {
    if (content === "") return EMPTY;
    return register([Object.freeze({ type: "text" as const, text: content })]);
  }
  if (!Array.isArray(content)) return undefined;
  if (content === EMPTY || clean.has(content as readonly Part[])) return content as readonly Part[];
  const parts: Part[] = [];
  for (const item of content as readonly unknown[]) {
    const part = cleanPart(item);
    if (!part) return undefined;
    parts.push(part);
  }
  return parts.length === 0 ? EMPTY : register(parts);
}

function register(parts: Part[]): readonly Part[] {
  const frozen = Object.freeze(parts);
  clean.add(frozen);
  return frozen;
}

function cleanPart(value: unknown): Part | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { type, text, mediaType, data, signature } = value as Record<string, unknown>;
  if (type === "text" && typeof text === "string") return Object.freeze({ type, text });
  if (type === "thinking" && typeof text === "string") {
    return Object.freeze({
      type,
      text,
      ...(typeof signature === "string" ? { signature } : undefined),
    });
  }
  if (type === "image" && typeof mediaType === "string" && typeof data === "string") {
    return Object.freeze({ type, mediaType, data });
  }
  return undefined;
}

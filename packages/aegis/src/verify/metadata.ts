import type { InspectedPlugin } from "@harnessx/core";

/** What a package may reach outside its events; nothing unless it is listed. */
export interface AllowedCapabilities {
  /** Host names, as in `capabilities.net`. */
  readonly net?: readonly string[];
  readonly model?: readonly string[];
  readonly spawn?: boolean;
  /** The processor may answer in the model's place, as one that commits early does. */
  readonly answers?: boolean;
}

const KINDS = new Set(["processor", "tools"]);

/** Checks what a package says of itself against what generated packages may be. */
export function checkMetadata(
  { metadata }: Pick<InspectedPlugin, "metadata">,
  allow: AllowedCapabilities,
): string[] {
  const { kind, capabilities = {}, hooks = [] } = metadata;
  if (!KINDS.has(kind)) return [`generated packages are processors or tools, not of kind ${kind}`];
  const findings: string[] = [];
  const refuse = (capability: string): void =>
    void findings.push(`it asks for the capability ${capability}`);
  const { net, model, spawn, ...others } = capabilities;
  const beyond = (asked: readonly string[], granted: readonly string[] = []): string[] =>
    asked.filter((one) => !granted.includes(one));
  for (const host of beyond(net ?? [], kind === "tools" ? allow.net : [])) refuse(`net ${host}`);
  for (const role of beyond(model ?? [], kind === "processor" ? allow.model : []))
    refuse(`model ${role}`);
  if (spawn === true && allow.spawn !== true) refuse("spawn");
  // No tier gives files or the environment to generated code.
  for (const name of Object.keys(others)) refuse(name);
  if (kind === "processor" && hooks.length === 0) findings.push("it taps no hook");
  if (kind === "tools" && hooks.length > 0) findings.push("tools tap no hooks");
  return findings;
}

const MAX_DEPTH = 20;
const MAX_CHARS = 64 * 1024;
/** Below these, keys are names and no keywords. */
const NAMED = new Set(["properties", "$defs", "definitions", "dependentSchemas"]);
/** Below these stands data. */
const DATA = new Set(["default", "const", "enum", "examples"]);
/** Patterns run on the host, where nothing stops one that never ends; references lead elsewhere. */
const REFUSED = new Set(["patternProperties", "format", "$dynamicRef", "$id", "$async"]);

/** One repetition and no group: it ends, whatever it is tried on. */
const isPlainPattern = (pattern: unknown): boolean =>
  typeof pattern === "string" &&
  pattern.length <= 100 &&
  !/[()|]|\\\d/.test(pattern) &&
  (pattern.match(/[*+{]/g) ?? []).length <= 1;

/** Checks an options schema before the host compiles it. */
export function checkSchema(text: string | undefined): string[] {
  if (text === undefined) return [];
  if (text.length > MAX_CHARS) return [`the options schema is longer than ${MAX_CHARS} characters`];
  const findings = new Set<string>();
  const visit = (value: unknown, depth: number, names: boolean): void => {
    if (typeof value !== "object" || value === null) return;
    if (depth > MAX_DEPTH) {
      findings.add(`the options schema is nested deeper than ${MAX_DEPTH}`);
      return;
    }
    for (const [key, child] of Object.entries(value)) {
      const keyword = !names && !Array.isArray(value);
      if (keyword && REFUSED.has(key)) findings.add(`the options schema uses ${key}`);
      if (keyword && key === "pattern" && !isPlainPattern(child))
        findings.add("the options schema has a pattern that may never end");
      if (keyword && key === "$ref" && !(typeof child === "string" && child.startsWith("#")))
        findings.add("the options schema refers to another one");
      if (!keyword || !DATA.has(key)) visit(child, depth + 1, keyword && NAMED.has(key));
    }
  };
  try {
    visit(JSON.parse(text), 0, false);
  } catch {
    return ["the options schema is not JSON"];
  }
  return [...findings];
}

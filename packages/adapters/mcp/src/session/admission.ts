import { validatorFor } from "@harnessx/core";
import type { JsonObject, JsonSchema } from "@harnessx/core/plugin";
import { toolDigest } from "../endpoint/tool-digest.ts";
import { problemOf } from "../errors.ts";
import type { McpOptions } from "../options.ts";
import type { ToolDefinition } from "../protocol/connection.ts";

/** Something that a person should know about a server. */
export interface McpReport {
  readonly kind:
    | "tool-changed"
    | "tool-not-locked"
    | "tool-invalid"
    | "restarted"
    | "question-refused";
  readonly tool?: string;
  readonly message: string;
}

/** Why a tool is not offered. */
export type Withheld = ReadonlyMap<string, string>;

/**
 * Decides which of the tools that a server lists are used.
 *
 * A definition is pinned when it is first seen. A tool whose definition differs later is withheld
 * for good: it was read, and perhaps locked, as another one.
 */
export class Admission {
  readonly #select: McpOptions["tools"];
  readonly #locked: boolean;
  readonly #report: (report: McpReport) => void;
  readonly #pinned = new Map<string, string>();
  readonly #withheld = new Map<string, string>();
  #first = true;

  constructor(select: McpOptions["tools"], locked: boolean, report: (report: McpReport) => void) {
    this.#select = select;
    this.#locked = locked;
    this.#report = report;
  }

  get withheld(): Withheld {
    return this.#withheld;
  }

  /** Those of the listed tools that may be used. */
  admit(listed: readonly ToolDefinition[]): readonly ToolDefinition[] {
    const first = this.#first;
    this.#first = false;
    const seen = new Set<string>();
    return listed.filter((definition) => {
      const { name } = definition;
      if (typeof name !== "string" || seen.has(name) || !this.#selected(name)) return false;
      seen.add(name);
      const digest = toolDigest([definition]);
      const pinned = this.#pinned.get(name);
      if (pinned === undefined) {
        if (this.#locked && !first)
          return this.#withhold(name, "tool-not-locked", "it came after the entry was locked");
        const problem = unusable(definition);
        if (problem !== undefined)
          return this.#withhold(name, "tool-invalid", `its schema cannot be used: ${problem}`);
        this.#pinned.set(name, digest);
        return !this.#withheld.has(name);
      }
      if (pinned !== digest)
        return this.#withhold(name, "tool-changed", "its definition changed while it was in use");
      return !this.#withheld.has(name);
    });
  }

  #withhold(tool: string, kind: McpReport["kind"], problem: string): false {
    if (!this.#withheld.has(tool)) {
      this.#withheld.set(tool, problem);
      this.#report({ kind, tool, message: `Tool ${tool} is withheld: ${problem}.` });
    }
    return false;
  }

  #selected(name: string): boolean {
    const { allow, deny } = this.#select;
    return allow.some((one) => matches(one, name)) && !deny.some((one) => matches(one, name));
  }
}

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

/** A schema without the fields that name it: core has one dialect, and refuses to know one name twice. */
export function anonymous(schema: JsonSchema): JsonSchema {
  const { $schema: _dialect, $id: _id, ...rest } = schema as JsonObject;
  return rest;
}

/** What keeps core from checking calls of the tool. References are never fetched. */
function unusable({ inputSchema, outputSchema }: ToolDefinition): string | undefined {
  try {
    if (typeof inputSchema !== "object" || inputSchema === null) return "it has none";
    validatorFor(anonymous(inputSchema));
    if (outputSchema) validatorFor(anonymous(outputSchema));
    return undefined;
  } catch (thrown) {
    return problemOf(thrown);
  }
}

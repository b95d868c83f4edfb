import { parse } from "yaml";

/** What a SKILL.md says of itself, and what it holds. */
export interface SkillFile {
  readonly name: string;
  readonly description: string;
  readonly body: string;
}

const maxDescription = 1_024;
const namePattern = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/i;

/** The parts of a SKILL.md, or in words what is wrong with it. */
export function parseSkill(content: string): SkillFile | string {
  const text = content.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const head = /^---[ \t]*\n([\s\S]*?)\n---[ \t]*(?:\n|$)/.exec(text);
  if (!head) return "it does not begin with a head between two lines ---";
  let fields: unknown;
  try {
    // Aliases can make a small text huge; a head needs none.
    fields = parse(head[1]!, { maxAliasCount: 0, logLevel: "error" });
  } catch (thrown) {
    return `its head is no YAML: ${String((thrown as Error).message).split("\n")[0]}`;
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields))
    return "its head has no fields";
  const { name, description } = fields as Record<string, unknown>;
  if (typeof name !== "string" || !namePattern.test(name))
    return "its name is missing or has other characters than letters, digits, dots, - and _";
  if (typeof description !== "string" || description.trim() === "")
    return "its description is missing";
  const body = text.slice(head[0].length).trim();
  if (body === "") return "there is nothing behind its head";
  const line = description.replace(/\s+/g, " ").trim();
  return { name, description: line.slice(0, maxDescription), body };
}

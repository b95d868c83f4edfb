import type { RunOptions } from "@harnessx/core";
import type { Answer, Json, JsonSchema } from "@harnessx/core/plugin";
import type { Session } from "./session.ts";

/** Puts what tools ask to the person at the terminal; undefined where nobody can be asked. */
export function answerer(session: Session): RunOptions["answer"] {
  if (!session.io.interactive || session.json) return undefined;
  return async ({ tool, message, schema, url, signal }): Promise<Answer> => {
    const ask = async (text: string): Promise<string> =>
      (await session.io.ask(text, signal)).trim();
    const page = url === undefined ? "" : `\n  ${url}`;
    if (!/^y(es)?$/i.test(await ask(`${tool} asks: ${message}${page}\nAnswer? [y/N] `)))
      return { action: "decline" };
    if (schema === undefined) return { action: "accept" };
    const content: Record<string, Json> = {};
    const properties = (schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>;
    for (const [name, field] of Object.entries(properties)) {
      const said = await ask(`  ${field["title"] ?? field["description"] ?? name}${hint(field)} `);
      const value = said === "" ? field["default"] : valueOf(said, field);
      if (value !== undefined) content[name] = value as Json;
    }
    return { action: "accept", content };
  };
}

function hint(field: JsonSchema): string {
  const choices = field["enum"] as readonly unknown[] | undefined;
  const suggested = field["default"];
  return `${choices ? ` (${choices.join(", ")})` : ""}${suggested === undefined ? "" : ` [${String(suggested)}]`}:`;
}

/** What was typed as the field's type; what does not fit stays text, and the asker says what is wrong. */
function valueOf(said: string, { type }: JsonSchema): Json {
  if (type === "boolean") return /^(y(es)?|true|1)$/i.test(said);
  if (type !== "number" && type !== "integer") return said;
  const value = Number(said);
  return Number.isFinite(value) ? value : said;
}

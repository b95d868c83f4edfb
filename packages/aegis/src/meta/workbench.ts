import type { JsonSchema, Tool } from "@harnessx/core/plugin";
import { tool } from "@harnessx/core/plugin";

/** What a model may read and write while it works on a stage: texts by path, nothing on disk. */
export class Workbench {
  readonly #given: ReadonlyMap<string, string>;
  readonly #written = new Map<string, string>();

  constructor(given: Readonly<Record<string, string>>) {
    this.#given = new Map(Object.entries(given));
  }

  /** What was written, by path. */
  get written(): ReadonlyMap<string, string> {
    return this.#written;
  }

  list(): string[] {
    return [...new Set([...this.#given.keys(), ...this.#written.keys()])].toSorted();
  }

  read(path: string): string | undefined {
    return this.#written.get(path) ?? this.#given.get(path);
  }

  write(path: string, text: string): void {
    this.#written.set(path, text);
  }
}

const PAGE = 12_000;

const object = (properties: Readonly<Record<string, JsonSchema>>, optional: string[] = []) => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

/** The tools of a stage. `judge` says what is wrong with what has been written; nothing accepts it. */
export function workbenchTools(
  bench: Workbench,
  judge: () => Promise<readonly string[]>,
): readonly Tool[] {
  return [
    tool<Record<string, never>>({
      name: "list_files",
      description: "Lists the files that you can read.",
      inputSchema: object({}),
      tags: ["read-only"],
      execute: () => bench.list().join("\n"),
    }),
    tool<{ path: string; offset?: number }>({
      name: "read_file",
      description: `Reads ${PAGE} characters of a file from an offset (0).`,
      inputSchema: object({ path: { type: "string" }, offset: { type: "integer", minimum: 0 } }, [
        "offset",
      ]),
      tags: ["read-only"],
      execute: ({ path, offset = 0 }) => {
        const text = bench.read(path);
        if (text === undefined)
          return { status: "error", content: `There is no file ${path}; list_files names them.` };
        const rest = text.length - offset - PAGE;
        return text.slice(offset, offset + PAGE) + (rest > 0 ? `\n… ${rest} characters more` : "");
      },
    }),
    tool<{ path: string; text: string }>({
      name: "write_file",
      description: "Writes a file below out/, replacing what was there.",
      inputSchema: object({ path: { type: "string" }, text: { type: "string" } }),
      execute: ({ path, text }) => {
        bench.write(path, text);
        return `${path} has ${text.length} characters.`;
      },
    }),
    tool<Record<string, never>>({
      name: "submit",
      description: "Hands in what lies below out/. Answers what is wrong with it, if anything is.",
      inputSchema: object({}),
      execute: async () => {
        const problems = await judge();
        if (problems.length === 0)
          return { status: "ok", content: "Accepted as well-formed.", end: true };
        return { status: "error", content: problems.slice(0, 20).join("\n") };
      },
    }),
  ];
}

import { HarnessXError, tool, type Tool } from "@harnessx/core/plugin";
import { RE2JS } from "re2js";
import { workspaceError } from "../errors.ts";
import { cut } from "../files/read.ts";
import type { WorkspaceToolsOptions } from "../options.ts";
import { contentOf, looksLikeText } from "../place/content.ts";
import { openFolder } from "../place/open.ts";
import type { FindPlace, Place } from "../place/place.ts";
import { withCodes } from "../result.ts";
import { globTest } from "./glob-pattern.ts";
import { filesBelow, type Found, type Walk } from "./walk.ts";

interface GrepInput {
  readonly pattern: string;
  readonly path?: string;
  readonly glob?: string;
  readonly literal?: boolean;
  readonly ignoreCase?: boolean;
  readonly context?: number;
  readonly filesOnly?: boolean;
  readonly includeIgnored?: boolean;
}

const MAX_PATTERN_CHARS = 1000;
/** Lines after which other work of the process gets its turn. */
const LINES_AT_ONCE = 2000;

/** The tool `grep`. */
export function grepTool(options: WorkspaceToolsOptions, findPlace: FindPlace): Tool {
  return tool<GrepInput>({
    name: "grep",
    description:
      "Finds lines in files of the workspace by a regular expression (RE2: no backreferences, no lookaround) and shows them as path:line:text. Files that .gitignore excludes and binary files are left out.",
    inputSchema: {
      type: "object",
      properties: {
        pattern: { type: "string", minLength: 1 },
        path: { type: "string", default: ".", description: "File or folder to look in." },
        glob: { type: "string", description: "Look only in files that fit, such as *.ts." },
        literal: { type: "boolean", default: false, description: "The pattern is plain text." },
        ignoreCase: { type: "boolean", default: false },
        context: {
          type: "integer",
          minimum: 0,
          maximum: 20,
          default: 0,
          description: "Lines to show before and after each match.",
        },
        filesOnly: { type: "boolean", default: false, description: "Show only the files' names." },
        includeIgnored: { type: "boolean", default: false },
      },
      required: ["pattern"],
      additionalProperties: false,
    },
    tags: ["read-only"],
    execute: withCodes(async (input, { signal, slots }) => {
      const search = new Search(input, options, await findPlace({ slots }));
      return search.run(signal);
    }),
  });
}

/** One call of `grep`. */
class Search {
  readonly #input: GrepInput;
  readonly #options: WorkspaceToolsOptions;
  readonly #place: Place;
  readonly #matches: (line: string) => boolean;
  readonly #shown: string[] = [];
  #found = 0;
  #tooLarge = 0;
  #lines = 0;

  constructor(input: GrepInput, options: WorkspaceToolsOptions, place: Place) {
    this.#input = input;
    this.#options = options;
    this.#place = place;
    this.#matches = lineTest(input);
  }

  async run(signal: AbortSignal): Promise<string> {
    const { maxEntries, maxResults } = this.#options;
    const withIgnored = this.#input.includeIgnored ?? false;
    const walk: Walk = { signal, maxEntries, withIgnored, cutShort: false };
    for await (const { path } of this.#files(walk)) {
      if (this.#found >= maxResults) break;
      await this.#searchFile(path, signal);
    }
    const notes = this.#shown;
    if (this.#found === 0) notes.push("No line fits.");
    if (this.#found >= maxResults)
      notes.push(`(Stopped after ${maxResults} results; use a narrower pattern or path.)`);
    if (walk.cutShort) notes.push(`(Stopped after ${maxEntries} entries.)`);
    if (this.#tooLarge > 0) notes.push(`(Left out ${this.#tooLarge} files that are too large.)`);
    return notes.join("\n");
  }

  async *#files(walk: Walk): AsyncGenerator<Found> {
    const { path = ".", glob } = this.#input;
    const fits = glob === undefined ? () => true : globTest(glob);
    if (await isFolder(this.#place, path)) {
      for await (const file of filesBelow(this.#place, path, walk))
        if (fits(file.below)) yield file;
    } else {
      yield { path, below: path };
    }
  }

  async #searchFile(path: string, signal: AbortSignal): Promise<void> {
    const bytes = await this.#read(path);
    if (!bytes || !looksLikeText(bytes)) return;
    const lines = bytes.toString("utf8").split(/\r?\n/);
    const { context = 0, filesOnly = false } = this.#input;
    let shownUpTo = 0;
    for (const [index, line] of lines.entries()) {
      if ((this.#lines += 1) % LINES_AT_ONCE === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
      if (!this.#matches(line)) continue;
      this.#found += 1;
      if (filesOnly) {
        this.#shown.push(path);
        return;
      }
      const from = Math.max(shownUpTo, index - context);
      if (context > 0 && from > shownUpTo && this.#shown.length > 0) this.#shown.push("--");
      shownUpTo = Math.max(shownUpTo, Math.min(lines.length, index + context + 1));
      for (let at = from; at < shownUpTo; at += 1) this.#show(path, at, lines[at]!, at === index);
      if (this.#found >= this.#options.maxResults) return;
    }
  }

  #show(path: string, index: number, line: string, isMatch: boolean): void {
    const mark = isMatch || this.#matches(line) ? ":" : "-";
    this.#shown.push(`${path}${mark}${index + 1}${mark}${cut(line, this.#options.maxLineChars)}`);
  }

  async #read(path: string): Promise<Buffer | undefined> {
    try {
      return (await contentOf(this.#place, path, this.#options.maxFileBytes)).bytes;
    } catch (thrown) {
      // One file of many that cannot be read does not end the search; the only one does.
      const isOnly = path === this.#input.path;
      if (isOnly || !HarnessXError.isInstance(thrown)) throw thrown;
      if (thrown.code === "HX_WORKSPACE_TOO_LARGE") this.#tooLarge += 1;
      return undefined;
    }
  }
}

async function isFolder(place: Place, path: string): Promise<boolean> {
  try {
    await (await openFolder(place, path)).handle.close();
    return true;
  } catch (thrown) {
    if (HarnessXError.isInstance(thrown) && thrown.code === "HX_WORKSPACE_PATH") return false;
    throw thrown;
  }
}

/** RE2's time grows with the line's length alone, whatever the pattern. */
function lineTest({ pattern, literal, ignoreCase }: GrepInput): (line: string) => boolean {
  const fail = (problem: string): Error =>
    workspaceError("HX_WORKSPACE_PATTERN", { pattern, problem });
  if (pattern.length > MAX_PATTERN_CHARS)
    throw fail(`it is longer than ${MAX_PATTERN_CHARS} characters`);
  if (literal && !ignoreCase) return (line) => line.includes(pattern);
  try {
    const source = literal ? RE2JS.quote(pattern) : pattern;
    const compiled = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    return (line) => compiled.matcher(line).find();
  } catch (thrown) {
    throw fail(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

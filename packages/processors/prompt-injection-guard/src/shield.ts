import type { Part } from "@harnessx/core/plugin";
import { withoutInvisible } from "./invisible.ts";
import type { PromptInjectionGuardOptions } from "./options.ts";
import type { InjectionKind } from "./patterns.ts";
import { kindsOfLines, type ScanRules } from "./scan.ts";

/** A result as the model is to see it, and what was found in it. */
export interface Shielded {
  readonly content: string | readonly Part[];
  readonly kinds: readonly InjectionKind[];
}

/** The delimiters of one run. */
export interface Delimiters {
  readonly open: string;
  readonly close: string;
}

/** Cleans, judges and delimits the content of a result. */
export function shield(
  content: string | readonly Part[],
  options: PromptInjectionGuardOptions,
  rules: ScanRules,
  { open, close }: Delimiters,
): Shielded {
  const found = new Set<InjectionKind>();
  const cleaned = mapText(content, (text) => cleanText(text, options, rules, found));
  const kinds = [...found];
  const named = kinds.join(", ");
  const blocked = options.action === "block" && kinds.length > 0;
  const body = blocked ? options.removed.replaceAll("{kinds}", () => named) : cleaned;
  const marked = options.action === "mark" && kinds.length > 0;
  const before = [
    ...(marked ? [options.warning.replaceAll("{kinds}", () => named)] : []),
    ...(options.delimit ? [open] : []),
  ];
  return { content: framed(body, before, options.delimit ? [close] : []), kinds };
}

function cleanText(
  text: string,
  { action, stripInvisible, removed }: PromptInjectionGuardOptions,
  rules: ScanRules,
  found: Set<InjectionKind>,
): string {
  const lines = text.split("\n");
  const kinds = action === "none" ? [] : kindsOfLines(lines, rules);
  for (const each of kinds.flat()) found.add(each);
  return lines
    .map((line, index) => {
      const own = kinds[index] ?? [];
      if (action === "strip" && own.length > 0)
        return removed.replaceAll("{kinds}", () => own.join(", "));
      return stripInvisible ? withoutInvisible(line) : line;
    })
    .join("\n");
}

function mapText(
  content: string | readonly Part[],
  change: (text: string) => string,
): string | readonly Part[] {
  if (typeof content === "string") return change(content);
  return content.map((part) =>
    part.type === "text" ? { ...part, text: change(part.text) } : part,
  );
}

function framed(
  content: string | readonly Part[],
  before: readonly string[],
  after: readonly string[],
): string | readonly Part[] {
  if (typeof content === "string") return [...before, content, ...after].join("\n");
  const part = (lines: readonly string[]): Part[] =>
    lines.length === 0 ? [] : [{ type: "text", text: lines.join("\n") }];
  return [...part(before), ...content, ...part(after)];
}

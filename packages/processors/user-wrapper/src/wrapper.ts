import type { UserWrapperOptions } from "./options.ts";

/** The text around a message, and the tags that the message must not close. */
export interface Wrapper {
  readonly before: string;
  readonly after: string;
  readonly closing: RegExp | undefined;
}

const placeholder = "{text}";

/** Throws when a template has no place for the text: it would hide the task from the model. */
export function wrapperOf(options: UserWrapperOptions): Wrapper {
  const template = templateOf(options);
  const at = template.indexOf(placeholder);
  if (at < 0) throw new Error(`the template has no ${placeholder}`);
  const before = template.slice(0, at);
  const after = template.slice(at + placeholder.length);
  const names = [...after.matchAll(/<\/([A-Za-z][\w.:-]*)\s*>/g)].map(([, name]) => name!);
  return { before, after, closing: names.length === 0 ? undefined : closingOf(names) };
}

function templateOf({ style, instruction, tag, template }: UserWrapperOptions): string {
  if (style === "template") return template;
  return style === "xml"
    ? `<${tag}>\n${placeholder}\n</${tag}>`
    : `${placeholder}\n\n${instruction}`;
}

function closingOf(names: readonly string[]): RegExp {
  const escaped = names.map((name) => name.replace(/[.\\]/g, "\\$&"));
  return new RegExp(`<(?=\\s*/\\s*(?:${escaped.join("|")})(?![\\w.:-]))`, "gi");
}

/** The message in its wrapper; a tag in it that would close the wrapper's becomes harmless. */
export function wrap({ before, after, closing }: Wrapper, text: string): string {
  return before + (closing ? text.replace(closing, "&lt;") : text) + after;
}

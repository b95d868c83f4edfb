import {
  defineProcessor,
  replace,
  textOf,
  type Message,
  type Part,
  type StepStartEvent,
} from "@harnessx/core/plugin";
import { nameMatcher } from "./names.ts";
import type { SecretRedactionOptions } from "./options.ts";
import { Redactor } from "./redactor.ts";

export type { SecretKind } from "./detectors.ts";
export type { SecretPattern, SecretRedactionOptions } from "./options.ts";

/** Replaces secrets in tool results and in what the user says, before the model reads them. */
export default defineProcessor<SecretRedactionOptions>((run, options) => {
  const secrets = run.cell<string[]>("secrets", []).value;
  const redactor = new Redactor(options, secrets);
  const isTrusted = nameMatcher(options.restoreFor);
  let readUpTo = -1;

  run.hooks.stepStart.tap("user", (event) => {
    if (!options.user) return undefined;
    const { history } = event;
    let start = history.length;
    while (start > 0 && history.at(start - 1)!.id > readUpTo) start -= 1;
    readUpTo = history.at(-1)?.id ?? readUpTo;
    let edited: StepStartEvent = event;
    for (let index = start; index < history.length; index += 1) {
      const message = history.at(index)!;
      // A message with images cannot be written anew; `beforeModel` can change its text.
      if (message.role !== "user" || hasImage(message)) continue;
      const text = textOf(message);
      const redacted = redactor.redact(text);
      if (redacted !== text) edited = edited.summarize(index, index + 1, redacted);
    }
    return edited === event ? undefined : replace(edited);
  });

  run.hooks.beforeModel.tap("user with images", (event) => {
    const last = options.user ? run.state.messages.lastUser() : undefined;
    if (!last || !hasImage(last)) return undefined;
    const text = textOf(last);
    const redacted = redactor.redact(text);
    return redacted === text ? undefined : replace(event.withLastUser(redacted));
  });

  run.hooks.beforeTool.tap("restore", (event) => {
    if (!isTrusted(event.call.name) || secrets.length === 0) return undefined;
    if (event.call.malformed !== undefined) return undefined;
    const input = redactor.restore(event.call.input);
    return input === event.call.input ? undefined : replace(event.withInput(input));
  });

  run.hooks.afterTool.tap("redact", (event) => {
    const { content } = event.result;
    if (typeof content === "string") {
      const redacted = redactor.redact(content);
      return redacted === content ? undefined : replace(event.withContent(redacted));
    }
    const parts = content.map((part) => redactPart(part, redactor));
    const isSame = parts.every((part, index) => part === content[index]);
    return isSame ? undefined : replace(event.withContent(parts));
  });
});

function hasImage(message: Message): boolean {
  return message.content.some(({ type }) => type === "image");
}

function redactPart(part: Part, redactor: Redactor): Part {
  if (part.type !== "text") return part;
  const text = redactor.redact(part.text);
  return text === part.text ? part : { ...part, text };
}

import { defineProcessor, replace } from "@harnessx/core/plugin";
import { nameMatcher } from "./names.ts";
import type { PromptInjectionGuardOptions } from "./options.ts";
import { shield } from "./shield.ts";

export type { InjectionKind } from "./patterns.ts";
export type { PromptInjectionGuardOptions } from "./options.ts";

const tag = "tool-output";

/** Shows the model tool results as data, and flags text in them that poses as instructions. */
export default defineProcessor<PromptInjectionGuardOptions>((run, options) => {
  const nonce = run.cell<string>("nonce", "");
  if (nonce.value === "") nonce.value = makeNonce(() => run.random());
  const delimiters = {
    open: `<${tag} id="${nonce.value}">`,
    close: `</${tag} id="${nonce.value}">`,
  };
  const rules = {
    except: new Set(options.except),
    custom: options.patterns.map((pattern) => new RegExp(pattern, "i")),
    delimiter: `${tag} id=`,
  };
  const isWatched = nameMatcher(options.tools);
  const isTrusted = nameMatcher(options.trusted);

  run.hooks.taskStart.tap("explain", (event) => {
    if (!options.delimit || options.instruction === "" || event.tools.length === 0)
      return undefined;
    const { open, close } = delimiters;
    const text = options.instruction
      .replaceAll("{open}", () => open)
      .replaceAll("{close}", () => close);
    return replace(event.appendSystem(text));
  });

  run.hooks.afterTool.tap("shield", (event) => {
    const { name } = event.call;
    if (!isWatched(name) || isTrusted(name)) return undefined;
    const { content } = event.result;
    const shielded = shield(content, options, rules, delimiters);
    if (shielded.kinds.length > 0)
      run.log("A tool result poses as instructions.", { tool: name, kinds: [...shielded.kinds] });
    return shielded.content === content ? undefined : replace(event.withContent(shielded.content));
  });
});

const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

/** 80 bits: nobody writes the end of the data before having read it. */
function makeNonce(random: () => number): string {
  return Array.from({ length: 16 }, () => alphabet[Math.floor(random() * alphabet.length)]).join(
    "",
  );
}

import { defineProcessor, replace, type Part } from "@harnessx/core/plugin";
import { collapseProgress, collapseRepeats } from "./collapse.ts";
import { cutLine, cutLines } from "./cut.ts";
import { nameMatcher } from "./names.ts";
import { plainText } from "./noise.ts";
import type { ResultShaperOptions, Shape } from "./options.ts";

export type { ResultShaperOptions, Shape, ShapeRule } from "./options.ts";

/** Shortens what the model sees of long tool results; what is recorded stays whole. */
export default defineProcessor<ResultShaperOptions>((run, options) => {
  const rules = options.rules.map(({ tools, keep = false, ...own }) => ({
    fits: nameMatcher(tools),
    shape: keep ? undefined : { ...options, ...own },
  }));

  run.hooks.afterTool.tap("shape", (event) => {
    const rule = rules.find(({ fits }) => fits(event.call.name));
    const shape = rule ? rule.shape : options;
    if (!shape) return undefined;
    const { content } = event.result;
    if (typeof content === "string") {
      const shaped = shapeText(content, shape);
      return shaped === content ? undefined : replace(event.withContent(shaped));
    }
    const parts = content.map((part) => shapePart(part, shape));
    const isSame = parts.every((part, index) => part === content[index]);
    return isSame ? undefined : replace(event.withContent(parts));
  });
});

function shapePart(part: Part, shape: Shape): Part {
  if (part.type !== "text") return part;
  const text = shapeText(part.text, shape);
  return text === part.text ? part : { ...part, text };
}

function shapeText(text: string, shape: Shape): string {
  const plain = shape.plain ? plainText(text) : text;
  const progressed = collapseProgress(plain.split("\n"), shape.collapseProgress);
  const lines = collapseRepeats(progressed, shape.collapseRepeats);
  return cutLines(lines, shape.headLines, shape.tailLines)
    .map((line) => cutLine(line, shape.maxLineChars))
    .join("\n");
}

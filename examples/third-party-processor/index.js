import { defineProcessor, replace } from "@harnessx/core/plugin";

/**
 * Masks what matches a pattern in tool results. The trace keeps the results as the tools gave them.
 *
 * @type {import("@harnessx/core/plugin").ProcessorDefinition<{
 *   readonly patterns: readonly string[];
 *   readonly mask: string;
 * }>}
 */
const mask = defineProcessor((run, options) => {
  const patterns = options.patterns.map((pattern) => new RegExp(pattern, "gu"));
  // Counted in a cell, so that the figure survives a swap.
  const masked = run.cell("masked", 0);

  /** @param {string} text */
  const clean = (text) =>
    patterns.reduce(
      (current, pattern) =>
        current.replaceAll(pattern, () => {
          masked.value += 1;
          return options.mask;
        }),
      text,
    );

  run.hooks.afterTool.tap("mask", (event) => {
    const before = masked.value;
    const { content } = event.result;
    const next =
      typeof content === "string"
        ? clean(content)
        : content.map((part) =>
            part.type === "text" ? { ...part, text: clean(part.text) } : part,
          );
    return masked.value > before ? replace(event.withContent(next)) : undefined;
  });

  run.hooks.taskEnd.tap("count", (event) =>
    replace(
      event.withEvaluation({ name: "masked", score: 1, details: { occurrences: masked.value } }),
    ),
  );
});

export default mask;

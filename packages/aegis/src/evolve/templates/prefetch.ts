import type { OfferedFinding } from "../../mine/index.ts";
import type { GeneratedPackage } from "../types.ts";
import { layOut, percent, quotations, textList, withDefault } from "./package.ts";
import { INDEX, TEST } from "./prefetch-source.ts";

/** Characters of one reply that are shown. */
const LONGEST = 8000;

/** Writes a processor that reads, before the agent acts, what failing runs did not read. */
export function prefetch(found: OfferedFinding, version: string): GeneratedPackage {
  return layOut({
    name: "evolved-processor-prefetch",
    version,
    description: "Calls tools that only read before the agent acts, and shows what they said.",
    dimension: "context",
    hooks: ["stepStart", "beforeModel", "afterTool"],
    group: "prefetch",
    optionsSchema: {
      type: "object",
      additionalProperties: false,
      properties: {
        tools: withDefault(
          { description: "Tools to call, if they are tagged read-only.", ...textList },
          found.tools,
        ),
        longest: withDefault(
          { description: "Characters of a reply that are shown.", type: "integer", minimum: 1 },
          LONGEST,
        ),
      },
    },
    readme: readme(found),
    src: { "index.ts": INDEX },
    test: TEST,
  });
}

function readme({ tools, called, errors, evidence }: OfferedFinding): string {
  return `# evolved-processor-prefetch

Calls tools that only read before the agent acts, and shows what they said in every request.

## Why

${tools.map((tool) => `\`${tool}\``).join(", ")} took no argument and was called in ${percent(called.failing)} of the failing and ${percent(called.passing)} of the
passing runs. In ${percent(errors)} of the failing runs a call came to an error:

${quotations(evidence)}
## How

- \`stepStart\` looks which of the tools are offered and tagged \`read-only\`. Others are never called.
- \`beforeModel\` answers in the model's place in the first step, with calls of those tools. This takes one
  step; the last step is never taken. From then on it adds what they said to each request: the history
  does not grow.
- \`afterTool\` keeps what those calls said, cut at ${LONGEST} characters; what failed is not shown.
`;
}

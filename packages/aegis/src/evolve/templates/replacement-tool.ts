import type { ReplacementFinding } from "../../mine/index.ts";
import type { GeneratedPackage } from "../types.ts";
import { layOutTools, percent, quotations, toolWords, withDefault } from "./package.ts";
import {
  CONTENT,
  indexSource,
  TEMPLATE,
  testSource,
  type ToolFacts,
} from "./replacement-tool-source.ts";

/** Id of the manifest entry for the replacement of a tool: "direct-open-page" of "open_page". */
export const replacementId = (tool: string): string =>
  `direct-${toolWords(tool).replaceAll(" ", "-")}`.slice(0, 60);

const MAX_NAME = 64;

/** The tool's name with a word behind it that no other tool has. */
function freeName(tool: string, taken: ReadonlySet<string>): string {
  const base = tool.slice(0, MAX_NAME - 10);
  for (let number = 1; ; number += 1) {
    const name = `${base}_direct${number === 1 ? "" : number}`;
    if (!taken.has(name)) return name;
  }
}

/** What stands in the code as it is. */
const PLAIN_TOOL = /^[\w-]{1,64}$/;
const PLAIN_ARGUMENT = /^[a-z_]\w{0,63}$/i;

/**
 * Writes a tool with the contract of one that fails, which gets the same by another request.
 * Undefined where the other way is not a plain request for an address, or where names are such that
 * they cannot stand in code.
 */
export function replacementTool(
  finding: ReplacementFinding,
  taken: ReadonlySet<string>,
  version: string,
): GeneratedPackage | undefined {
  const { tool, calls, failures, template, content, origins } = finding;
  if (origins.length === 0 || !PLAIN_TOOL.test(tool)) return undefined;
  if (!finding.arguments.every((name) => PLAIN_ARGUMENT.test(name))) return undefined;
  const words = toolWords(tool);
  const names = finding.arguments;
  const failed = percent(failures / calls);
  const facts: ToolFacts = {
    name: freeName(tool, taken),
    replaces: tool,
    description: `${words.charAt(0).toUpperCase()}${words.slice(1)}, but directly: returns the text that ${tool} would show for the same ${names.join(" and ")}. Use it instead of ${tool}, which failed in ${failed} of its calls.`,
    arguments: names,
  };
  const name = `evolved-tools-${replacementId(tool)}`;
  return layOutTools({
    name,
    version,
    description: `A tool ${facts.name} that gives what ${tool} gives, by another request.`,
    net: origins.map((origin) => new URL(origin).hostname),
    optionsSchema: {
      type: "object",
      additionalProperties: false,
      properties: {
        template: withDefault(
          {
            description:
              "The address to ask; in braces arguments and the steps that are applied to them.",
            type: "string",
            minLength: 1,
          },
          template,
        ),
        content: withDefault(
          {
            description:
              'Keys that lead to the content in the answer; "*" is any key, an empty list the whole answer.',
            type: "array",
            items: { type: "string" },
          },
          content,
        ),
        origins: withDefault(
          {
            description: "Scheme and host of addresses that may be asked, whatever their port.",
            type: "array",
            items: { type: "string" },
          },
          origins,
        ),
        timeoutMs: withDefault(
          {
            description: "How long to wait for an answer.",
            type: "integer",
            minimum: 1,
            maximum: 120_000,
          },
          15_000,
        ),
        maxChars: withDefault(
          { description: "Longer content is cut.", type: "integer", minimum: 100 },
          20_000,
        ),
      },
    },
    readme: readmeOf(name, facts, finding),
    src: { "index.ts": indexSource(facts), "template.ts": TEMPLATE, "content.ts": CONTENT },
    test: testSource(facts),
  });
}

function readmeOf(
  name: string,
  { name: made }: ToolFacts,
  {
    tool,
    calls,
    failures,
    source,
    template,
    content,
    support,
    contrast,
    evidence,
  }: ReplacementFinding,
): string {
  const { used, unused } = contrast;
  const place =
    content.length === 0 ? "the whole answer" : `\`${content.join(".")}\` of the answer`;
  return `# ${name}

A tool \`${made}\` with the arguments of \`${tool}\`, which gives the same text by another request.

## Why

\`${tool}\` failed in ${failures} of ${calls} calls (${percent(failures / calls)}):

${quotations(evidence.slice(0, 2))}
Some runs then made ${support.calls} calls of \`${source.tool}\`, on ${support.tasks} tasks, whose argument was in every case

\`\`\`text
${template}
\`\`\`

Of the runs that did so ${used.pass} of ${used.episodes} passed, of the others in which \`${tool}\` failed ${unused.pass} of ${unused.episodes}.
On ${support.confirmed} tasks the content was confirmed: it repeated what \`${tool}\` returned when it did not fail, or held
what a passing run then used.

## How

The tool fills the template with its arguments, sends the request and takes ${place}.
An answer is kept for the next call with the same arguments; a failure is not. It reaches the hosts in
\`capabilities.net\` and no others.

## Limits

- What \`${tool}\` returned may have had more around the text, such as a heading.
- Something that does not exist is an error that says so.
`;
}

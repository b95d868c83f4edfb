/* The source of a replacement tool: what differs from one to the next is its options, name and arguments. */

export const TEMPLATE = `/** A way to get at a part of an argument, or to write it otherwise. */
type Step = (text: string) => string | undefined;

const ADDRESS = /^(https?:\\/\\/[^/?#\\s]+)([^?#]*)/i;

/** Percent signs undone; undefined for a text in which they mean nothing. */
const decoded: Step = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

const steps: ReadonlyMap<string, Step> = new Map<string, Step>([
  ["origin", (text) => ADDRESS.exec(text)?.[1]],
  ["path", (text) => ADDRESS.exec(text)?.[2]],
  ["last", (text) => /([^/?#]+)\\/?$/.exec(ADDRESS.exec(text)?.[2] ?? "")?.[1]],
  ["query", (text) => /\\?([^#]*)/.exec(text)?.[1]],
  ["decode", decoded],
  ["spaces", (text) => text.replace(/_/g, " ")],
  ["underscores", (text) => text.replace(/ /g, "_")],
  ["encode", (text) => encodeURIComponent(text)],
  ["lower", (text) => text.toLowerCase()],
  ["upper", (text) => text.toUpperCase()],
]);

/**
 * Fills a template's holes, each an argument and the steps that are applied to it, such as
 * \`{url|last|decode}\`; doubled braces stand for themselves. Undefined when a step does not apply.
 */
export function fill(template: string, args: Readonly<Record<string, string>>): string | undefined {
  let whole = true;
  const filled = template.replace(/\\{\\{|\\}\\}|\\{([^{}]*)\\}/g, (mark: string, term?: string) => {
    if (term === undefined) return mark.slice(1);
    const value = valueOf(term, args);
    if (value === undefined) whole = false;
    return value ?? "";
  });
  return whole ? filled : undefined;
}

function valueOf(term: string, args: Readonly<Record<string, string>>): string | undefined {
  const [name = "", ...names] = term.split("|");
  let value = Object.entries(args).find(([one]) => one === name)?.[1];
  for (const step of names) value = value === undefined ? undefined : steps.get(step)?.(value);
  return value;
}
`;

export const CONTENT = `/** The first text at a path of keys, where "*" is any key; nothing of a path is the value itself. */
export function textAt(value: unknown, path: readonly string[]): string | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return typeof value === "string" ? value : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, entry] of Object.entries(value)) {
    const found = key === "*" || key === name ? textAt(entry, rest) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
`;

/** What an index needs to know of its tool. */
export interface ToolFacts {
  readonly name: string;
  readonly replaces: string;
  readonly description: string;
  readonly arguments: readonly string[];
}

export const indexSource = (facts: ToolFacts): string =>
  `import { defineTools, tool } from "@harnessx/core/plugin";
import type { HttpResponse, ToolResult } from "@harnessx/core/plugin";
import { textAt } from "./content.ts";
import { fill } from "./template.ts";

/** See options.schema.json; the defaults there were learned from traces. */
export interface DirectOptions {
  readonly template: string;
  readonly content: readonly string[];
  readonly origins: readonly string[];
  readonly timeoutMs: number;
  readonly maxChars: number;
}

/** What the tool takes. */
export interface DirectInput {
${facts.arguments.map((name) => `  readonly ${name}: string;`).join("\n")}
}

/** Answers that are kept for the next call with the same arguments. */
const MAX_KEPT = 200;

/** Gives what ${facts.replaces} gives, by the request that worked in recorded runs. */
export default defineTools<DirectOptions>((options, context) => {
  const kept = new Map<string, ToolResult>();
  return [
    tool<DirectInput>({
      name: ${JSON.stringify(facts.name)},
      description: ${JSON.stringify(facts.description)},
      inputSchema: {
        type: "object",
        properties: {
${facts.arguments.map((name) => `          ${name}: { type: "string", description: ${JSON.stringify(`The same as for ${facts.replaces}.`)} },`).join("\n")}
        },
        required: ${JSON.stringify(facts.arguments)},
        additionalProperties: false,
      },
      tags: ["read-only"],
      async execute(input) {
        const url = fill(options.template, { ...input });
        if (url === undefined) {
          return failure("DIRECT_ARGUMENT", "No request can be made of these arguments.");
        }
        if (!options.origins.includes(originOf(url))) {
          return failure("DIRECT_ELSEWHERE", "This tool does not work for such an address.");
        }
        const known = kept.get(url);
        if (known) return known;
        let response: HttpResponse;
        try {
          response = await context.http({ url, timeoutMs: options.timeoutMs });
        } catch (thrown) {
          const problem = thrown instanceof Error ? thrown.message : String(thrown);
          return failure("DIRECT_REQUEST", \`The request failed: \${problem}\`);
        }
        const result = read(response, options);
        if (result.status === "ok" && kept.size < MAX_KEPT) kept.set(url, result);
        return result;
      },
    }),
  ];
});

/** Scheme and host of an address, without its port. */
const originOf = (url: string): string =>
  /^https?:\\/\\/[^/:?#\\s]+/i.exec(url)?.[0].toLowerCase() ?? "";

/** The content of a response, or what is wrong with it. */
function read({ status, body }: HttpResponse, { content, maxChars }: DirectOptions): ToolResult {
  if (status >= 400) return failure("DIRECT_STATUS", \`The server answered with status \${status}.\`);
  let text: string | undefined = body;
  if (content.length > 0) {
    try {
      text = textAt(JSON.parse(body), content);
    } catch {
      return failure("DIRECT_NOT_JSON", "The server's answer is not JSON.");
    }
  }
  if (text === undefined || text === "") {
    return failure("DIRECT_NOTHING", "There is nothing there: what the arguments name may not exist.");
  }
  if (text.length <= maxChars) return { status: "ok", content: text };
  const note = \`[cut: \${text.length} characters in all]\`;
  return { status: "ok", content: \`\${text.slice(0, maxChars)}\\n\${note}\` };
}

const failure = (code: string, message: string): ToolResult => ({
  status: "error",
  content: message,
  error: { code, message },
});
`;

export const testSource = ({ name, arguments: names }: ToolFacts): string =>
  `import { test } from "node:test";
import assert from "node:assert/strict";
import type { HttpRequest, HttpResponse, ToolContext, ToolResult } from "@harnessx/core/plugin";
import { textAt } from "../src/content.ts";
import tools, { type DirectOptions } from "../src/index.ts";
import { fill } from "../src/template.ts";

const options: DirectOptions = { template: "http://store.test/get?of={${names[0]}|last}", content: ["items", "*", "text"], origins: ["http://store.test"], timeoutMs: 1000, maxChars: 20 };
const args = { ${names.map((one) => `${one}: "http://shelf.test/boxes/pear_tree"`).join(", ")} };

/** The tool over answers in place of the network; each request is noted. */
async function open(answer: (request: HttpRequest) => Partial<HttpResponse>, changed: Partial<DirectOptions> = {}) {
  const requests: HttpRequest[] = [];
  const http = async (request: HttpRequest): Promise<HttpResponse> => {
    requests.push(request);
    return { status: 200, headers: {}, body: "", ...answer(request) };
  };
  const [made] = await tools.create({ ...options, ...changed }, { root: ".", http, onClose: () => undefined });
  assert.ok(made);
  assert.equal(made.name, ${JSON.stringify(name)});
  const call = async (input: object): Promise<ToolResult> => {
    const result = await made.execute(input as never, {} as ToolContext);
    return typeof result === "string" ? { status: "ok", content: result } : result;
  };
  return { requests, call };
}

const found = { body: JSON.stringify({ items: { 7: { text: "A pear." } } }) };

test("asks for what the arguments name and gives the content", async () => {
  const { requests, call } = await open(() => found);
  assert.deepEqual(await call(args), { status: "ok", content: "A pear." });
  assert.deepEqual(requests, [{ url: "http://store.test/get?of=pear_tree", timeoutMs: 1000 }]);
});

test("asks once for the same arguments, and again after a failure", async () => {
  const { requests, call } = await open((request) => (request.url.endsWith("=plum") ? { status: 503 } : found));
  await call(args);
  await call(args);
  assert.equal(requests.length, 1);
  const other = { ...args, ${names[0]}: "http://shelf.test/plum" };
  await call(other);
  await call(other);
  assert.equal(requests.length, 3);
});

test("says what is wrong", async () => {
  const code = async (answer: Partial<HttpResponse>, input: object = args): Promise<string | undefined> => {
    const { call } = await open(() => answer);
    const result = await call(input);
    assert.equal(result.status, "error");
    return result.error?.code;
  };
  assert.equal(await code({ status: 404 }), "DIRECT_STATUS");
  assert.equal(await code({ body: "<html>" }), "DIRECT_NOT_JSON");
  assert.equal(await code({ body: "{\\"items\\":{}}" }), "DIRECT_NOTHING");
  assert.equal(await code(found, { ...args, ${names[0]}: "no address" }), "DIRECT_ARGUMENT");
  const elsewhere = await open(() => found, { origins: [] });
  assert.equal((await elsewhere.call(args)).error?.code, "DIRECT_ELSEWHERE");
  const { call } = await open(() => {
    throw new Error("no route");
  });
  assert.match(String((await call(args)).content), /no route/);
});

test("cuts long content, and takes a whole body where no path is set", async () => {
  const { call } = await open(() => ({ body: "x".repeat(30) }), { content: [] });
  assert.equal((await call(args)).content, \`\${"x".repeat(20)}\\n[cut: 30 characters in all]\`);
});

test("fills templates", () => {
  const at = { url: "https://host.test:81/a/B%20c_d/?q=1#end" };
  assert.equal(fill("{url|origin}/x/{url|last|decode|spaces}?{url|query}&{{}}", at), "https://host.test:81/x/B c d?q=1&{}");
  assert.equal(fill("{url|path|lower}", at), "/a/b%20c_d/");
  assert.equal(fill("{other}", at), undefined);
  assert.equal(fill("{url|nosuchstep}", at), undefined);
});

test("finds texts by keys", () => {
  const data = { list: [{ name: 1 }, { name: "pear" }] };
  assert.equal(textAt(data, ["list", "*", "name"]), "pear");
  assert.equal(textAt(data, ["list", "name"]), undefined);
  assert.equal(textAt("plain", []), "plain");
});
`;

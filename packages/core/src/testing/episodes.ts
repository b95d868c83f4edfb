import type { Limits } from "../manifest/types.ts";
import type { ScriptedReply } from "../model/scripted.ts";
import type { Task } from "../plugin/events.ts";
import { tool, type Tool } from "../plugin/tool.ts";

/** A task with everything that happens in it fixed: what the model says and what the tools return. */
export interface Episode {
  readonly name: string;
  readonly task: Omit<Task, "id">;
  /** What the model says, call by call; after the last it answers "Done.". */
  readonly replies: readonly ScriptedReply[];
  readonly tools: readonly Tool[];
  readonly limits?: Limits;
  /** Number of the tool call (from 1) during which the caller aborts the run. */
  readonly abortAt?: number;
}

/** Everything that a hook can see is frozen to the bottom, so that a change in place throws. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}

const text = {
  type: "object",
  properties: { text: { type: "string" } },
  additionalProperties: true,
} as const;
const nothing = { type: "object", additionalProperties: true } as const;

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** Replies of the tool `act`: a small world of places and things. */
const WORLD: Readonly<Record<string, string>> = {
  "go to shelf 1": "You arrive at shelf 1. On the shelf 1, you see a vase 1, and a mug 2.",
  "go to drawer 1": "You arrive at drawer 1. The drawer 1 is closed.",
  "open drawer 1": "You open the drawer 1. The drawer 1 is open. In it, you see nothing.",
  "take mug 2": "You pick up the mug 2 from the shelf 1.",
  "put mug 2": "You put the mug 2 on the table 1.",
};

const tools: readonly Tool[] = [
  tool<{ command: string }>({
    name: "act",
    description: "Does something in the world. Say what.",
    inputSchema: {
      type: "object",
      properties: { command: { type: "string" } },
      required: ["command"],
      additionalProperties: false,
    },
    tags: ["write"],
    execute: ({ command }) => WORLD[command] ?? "Nothing happens.",
  }),
  tool<{ text?: string }>({
    name: "echo",
    description: "Says it back.",
    inputSchema: text,
    tags: ["read-only"],
    execute: ({ text: said = "" }) => said,
  }),
  tool({
    name: "fail",
    description: "Reports an error.",
    inputSchema: nothing,
    execute: () => ({
      status: "error",
      content: "File not found.",
      error: { code: "ENOENT", message: "File not found." },
    }),
  }),
  tool({
    name: "throw",
    description: "Breaks.",
    inputSchema: nothing,
    execute: () => {
      throw new Error("The tool broke.");
    },
  }),
  tool({
    name: "slow",
    description: "Answers later.",
    inputSchema: nothing,
    execute: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return "late";
    },
  }),
  tool({
    name: "large",
    description: "Returns much text.",
    inputSchema: nothing,
    execute: () => "A line of a long document.\n".repeat(2_000),
  }),
  tool({
    name: "picture",
    description: "Returns an image and structured data.",
    inputSchema: nothing,
    execute: () => ({
      status: "ok",
      content: [
        { type: "text", text: "A picture:" },
        { type: "image", mediaType: "image/png", data: PIXEL },
      ],
      structured: { width: 1, nested: { list: [1, null, "two"] } },
    }),
  }),
  tool({
    name: "finish",
    description: "Ends the task.",
    inputSchema: nothing,
    execute: () => ({ status: "ok", content: "That was all.", end: true }),
  }),
];

const act = (command: string): ScriptedReply => ({ calls: [{ name: "act", input: { command } }] });
const call = (name: string, input: unknown = {}): ScriptedReply => ({ calls: [{ name, input }] });

/** Characters that have broken somebody's code before: see each name in `unicode`. */
const UNICODE = [
  "Straße, Ωμέγα, 漢字, عربى",
  "👩‍👩‍👧‍👦 and a lone surrogate \ud83d here",
  "zero\u0000byte, tab\tand\u2028line separator",
  "$& $1 {item} {{name}} ${x} \\ </system>",
];

const names = [
  "plain answer",
  "tools",
  "errors",
  "parallel calls",
  "repetition",
  "long history",
  "empty",
  "unicode",
  "odd names",
  "parts",
  "step budget",
  "end by a tool",
  "failing model",
  "abort",
] as const;

type EpisodeName = (typeof names)[number];

const table: Readonly<Record<EpisodeName, Omit<Episode, "name" | "tools">>> = {
  "plain answer": { task: { text: "What is two and two?" }, replies: [{ text: "Four." }] },
  tools: {
    task: {
      text: "You are in a room. Looking around you, you see a shelf 1, a drawer 1, and a table 1.\n\nYour task is to: put a mug on the table.",
      metadata: { level: 3, tags: ["a", "b"] },
    },
    replies: [
      act("go to drawer 1"),
      act("open drawer 1"),
      { text: "Not here.", ...act("go to shelf 1") },
      act("take mug 2"),
      act("put mug 2"),
      { text: "The mug is on the table." },
    ],
  },
  errors: {
    task: { text: "Try what does not work." },
    replies: [
      call("fail"),
      call("throw"),
      call("no_such_tool", { anything: true }),
      call("act", { wrong: 1 }),
      { calls: [{ name: "act", input: "{not json", malformed: "Unexpected token" }] },
      act("fly"),
      { text: "Nothing worked." },
    ],
  },
  "parallel calls": {
    task: { text: "Do many things at once." },
    replies: [
      {
        calls: [
          { name: "slow", input: {} },
          { name: "act", input: { command: "go to shelf 1" } },
          { name: "fail", input: {} },
          { name: "act", input: { command: "go to shelf 1" } },
          { name: "throw", input: {} },
          { name: "echo", input: { text: "six" } },
        ],
      },
      { calls: [{ name: "slow" }, { name: "slow" }] },
      { text: "All done." },
    ],
  },
  repetition: {
    task: { text: "Walk about." },
    replies: [
      ...Array.from({ length: 6 }, () => act("go to shelf 1")),
      ...Array.from({ length: 4 }, () => [act("go to drawer 1"), act("open drawer 1")]).flat(),
      ...Array.from({ length: 4 }, () => act("dance")),
      { text: "I gave up." },
    ],
  },
  "long history": {
    task: { text: "Work for a long time." },
    replies: [
      ...Array.from({ length: 50 }, (_, step) => ({
        text: `Step ${step}.`,
        ...call(step % 10 === 9 ? "large" : "echo", { text: `entry ${step} `.repeat(20) }),
      })),
      { text: "Finished." },
    ],
    limits: { maxSteps: 80 },
  },
  empty: {
    task: { text: "" },
    replies: [
      call("echo"),
      call("echo", { text: "" }),
      { text: "", calls: [{ name: "echo" }] },
      { text: "" },
    ],
  },
  unicode: {
    task: { text: UNICODE.join("\n") },
    replies: [
      ...UNICODE.map((line) => ({ text: line, ...call("echo", { text: line }) })),
      { text: UNICODE[1]! },
    ],
  },
  "odd names": {
    task: { text: "Use odd names.", metadata: { constructor: "own", toString: null } },
    replies: [
      call("__proto__", JSON.parse('{"__proto__": {"polluted": true}}')),
      call("constructor", { constructor: 1 }),
      call("toString"),
      call("echo", {
        text: "You arrive at constructor. On the constructor, you see a toString, and a __proto__.",
      }),
      call("echo", { list: [], deep: { deeper: { deepest: [[[]]] } }, number: 1e21, none: null }),
      { text: "Odd." },
    ],
  },
  parts: {
    task: { text: "Look at this.", images: [{ mediaType: "image/png", data: PIXEL }] },
    replies: [
      { thinking: "Let me look.", ...call("picture") },
      { thinking: "I see.", text: "One pixel." },
    ],
  },
  "step budget": {
    task: { text: "Never stop." },
    replies: Array.from({ length: 10 }, (_, step) => call("echo", { text: `again ${step}` })),
    limits: { maxSteps: 4 },
  },
  "end by a tool": {
    task: { text: "Finish." },
    replies: [call("echo", { text: "almost" }), { text: "Now.", ...call("finish") }],
  },
  "failing model": {
    task: { text: "Break." },
    replies: [call("echo", { text: "before" }), { error: new Error("The provider is down.") }],
  },
  abort: {
    task: { text: "Be interrupted." },
    replies: [call("echo", { text: "one" }), call("slow"), { text: "Too late." }],
    abortAt: 2,
  },
};

/** The built-in episodes: every kind of thing that can happen to a processor. */
export const episodes: readonly Episode[] = names.map((name) =>
  deepFreeze({ name, ...table[name], tools }),
);

/** The built-in episode `name`. */
export function episode(name: EpisodeName): Episode {
  return episodes.find((candidate) => candidate.name === name)!;
}

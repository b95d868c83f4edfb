import { tool } from "@harnessx/core/plugin";
import type { Json, JsonSchema, Tool, ToolResult } from "@harnessx/core/plugin";

/** How an agent gives commands: one tool for all of them, or one tool for each. */
export type ToolMode = "act" | "commands";

/** Carries out one command of the world's grammar. */
export type RunCommand = (command: string) => ToolResult;

type Input = Readonly<Record<string, string>>;

const name = (what: string): JsonSchema => ({
  type: "string",
  minLength: 1,
  maxLength: 64,
  description: what,
});

const receptacle = name('Name of a receptacle, such as "drawer 3".');
const object = name('Name of an object, such as "mug 2".');

const schema = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

/*
 * Schemas are made once per process: the runtime caches their validators by identity, and every
 * episode has tools of its own.
 */
const nothing = schema({});
const one = { receptacle: schema({ receptacle }), object: schema({ object }) };
const both = schema({ object, receptacle });

interface Command {
  readonly tool: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  /** The command's text; words in braces are filled from the input. */
  readonly template: string;
}

const commands: readonly Command[] = [
  {
    tool: "go_to",
    description: "Go to a receptacle.",
    inputSchema: one.receptacle,
    template: "go to {receptacle}",
  },
  {
    tool: "open",
    description: "Open a receptacle at your location.",
    inputSchema: one.receptacle,
    template: "open {receptacle}",
  },
  {
    tool: "close",
    description: "Close a receptacle at your location.",
    inputSchema: one.receptacle,
    template: "close {receptacle}",
  },
  {
    tool: "take",
    description: "Take an object from a receptacle at your location. Your hands must be empty.",
    inputSchema: both,
    template: "take {object} from {receptacle}",
  },
  {
    tool: "move",
    description: "Put the object you carry in or on a receptacle at your location.",
    inputSchema: both,
    template: "move {object} to {receptacle}",
  },
  {
    tool: "clean",
    description: "Clean the object you carry, using a receptacle at your location.",
    inputSchema: both,
    template: "clean {object} with {receptacle}",
  },
  {
    tool: "heat",
    description: "Heat the object you carry, using a receptacle at your location.",
    inputSchema: both,
    template: "heat {object} with {receptacle}",
  },
  {
    tool: "cool",
    description: "Cool the object you carry, using a receptacle at your location.",
    inputSchema: both,
    template: "cool {object} with {receptacle}",
  },
  {
    tool: "use",
    description: "Use an object at your location, such as a lamp.",
    inputSchema: one.object,
    template: "use {object}",
  },
  {
    tool: "slice",
    description: "Slice an object at your location with the sharp object you carry.",
    inputSchema: schema({ object, tool: name('Name of a sharp object, such as "knife 1".') }),
    template: "slice {object} with {tool}",
  },
  {
    tool: "examine",
    description: "Examine a receptacle at your location, or an object there or in your hands.",
    inputSchema: schema({ target: name("Name of a receptacle or an object.") }),
    template: "examine {target}",
  },
  {
    tool: "look",
    description: "Look around your current location.",
    inputSchema: nothing,
    template: "look",
  },
  {
    tool: "inventory",
    description: "Check what you carry.",
    inputSchema: nothing,
    template: "inventory",
  },
  { tool: "help", description: "List the commands.", inputSchema: nothing, template: "help" },
];

const act = {
  name: "act",
  description:
    'Carry out one command, such as "go to drawer 3", "take mug 2 from desk 1" or "help", which lists the commands.',
  inputSchema: schema({
    command: { type: "string", minLength: 1, maxLength: 500, description: "The command." },
  }),
};

const patterns = commands.map(({ tool: toolName, template }) => ({
  tool: toolName,
  fields: [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string),
  pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, "(\\w+ \\d+)")}$`),
}));

/** The tools of one episode. */
export function createTools(mode: ToolMode, run: RunCommand): Tool[] {
  if (mode === "act") {
    return [tool<{ command: string }>({ ...act, execute: ({ command }) => run(command) })];
  }
  return commands.map(({ tool: toolName, description, inputSchema, template }) =>
    tool<Input>({
      name: toolName,
      description,
      inputSchema,
      execute: (input) =>
        run(template.replaceAll(/\{(\w+)\}/g, (_, field: string) => input[field] ?? "")),
    }),
  );
}

/** True for a text of the grammar, applicable or not. */
export const isCommand = (text: string): boolean =>
  patterns.some(({ pattern }) => pattern.test(text));

/**
 * A command as a call of the mode's tools.
 *
 * Throws a RangeError for a text that is no command; in mode `act` any text is a command.
 */
export function toolCallOf(
  mode: ToolMode,
  command: string,
): { readonly name: string; readonly input: Json } {
  if (mode === "act") return { name: act.name, input: { command } };
  for (const { tool: toolName, fields, pattern } of patterns) {
    const match = pattern.exec(command);
    if (match === null) continue;
    const input = Object.fromEntries(fields.map((field, index) => [field, match[index + 1] ?? ""]));
    return { name: toolName, input };
  }
  throw new RangeError(`not a command: ${command.slice(0, 80)}`);
}

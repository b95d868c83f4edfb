import { defineTools, tool, type Answer, type JsonSchema, type Tool } from "@harnessx/core/plugin";

/** One red pixel. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

const nothing: JsonSchema = { type: "object", properties: {} };

const answered = (what: string, { action, content }: Answer): string =>
  `${what}: action=${action}, content=${JSON.stringify(content ?? {})}`;

const asking = (name: string, properties: Record<string, JsonSchema>) =>
  tool({
    name,
    description: "Asks the person to fill a form.",
    inputSchema: nothing,
    async execute(_input, context) {
      const schema = { type: "object", properties, required: [] };
      return answered(
        "Elicitation completed",
        await context.ask({ message: "Please fill the form.", schema }),
      );
    },
  });

const titled = (...names: readonly string[]) =>
  names.map((title, index) => ({ const: `value${index + 1}`, title }));
const options = ["option1", "option2", "option3"];

/** What the suite asks of tools that every harness could have. */
const tools: readonly Tool[] = [
  tool({
    name: "test_simple_text",
    description: "Says a sentence.",
    inputSchema: nothing,
    execute: () => "This is a simple text response for testing.",
  }),
  tool({
    name: "test_image_content",
    description: "Shows a picture.",
    inputSchema: nothing,
    execute: () => ({
      status: "ok",
      content: [{ type: "image", mediaType: "image/png", data: PIXEL }],
    }),
  }),
  tool({
    name: "test_error_handling",
    description: "Fails.",
    inputSchema: nothing,
    execute: () => ({
      status: "error",
      content: "This tool intentionally returns an error for testing",
    }),
  }),
  tool<{ message: string }>({
    name: "test_elicitation",
    description: "Asks the person for a name and an address.",
    inputSchema: {
      type: "object",
      properties: { message: { type: "string" } },
      required: ["message"],
    },
    async execute({ message }, context) {
      const properties = {
        username: { type: "string", description: "User's response" },
        email: { type: "string", description: "User's email address" },
      };
      const schema = { type: "object", properties, required: ["username", "email"] };
      return answered("User response", await context.ask({ message, schema }));
    },
  }),
  asking("test_elicitation_sep1034_defaults", {
    name: { type: "string", default: "John Doe" },
    age: { type: "integer", default: 30 },
    score: { type: "number", default: 95.5 },
    status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
    verified: { type: "boolean", default: true },
  }),
  asking("test_elicitation_sep1330_enums", {
    untitledSingle: { type: "string", enum: options },
    titledSingle: {
      type: "string",
      oneOf: titled("First Option", "Second Option", "Third Option"),
    },
    legacyEnum: {
      type: "string",
      enum: ["opt1", "opt2", "opt3"],
      enumNames: ["Option One", "Option Two", "Option Three"],
    },
    untitledMulti: { type: "array", items: { type: "string", enum: options } },
    titledMulti: {
      type: "array",
      items: { anyOf: titled("First Choice", "Second Choice", "Third Choice") },
    },
  }),
];

const extra = tool({
  name: "test_changing_tool",
  description: "Comes and goes.",
  inputSchema: nothing,
  execute: () => "Here.",
});

/** The tools, one of which makes another come and go. */
export default defineTools(() => {
  const trigger = tool({
    name: "test_trigger_tool_change",
    description: "Makes another tool come or go.",
    inputSchema: nothing,
    execute() {
      listed = listed.includes(extra)
        ? listed.filter((each) => each !== extra)
        : [...listed, extra];
      return "Changed.";
    },
  });
  let listed: readonly Tool[] = [...tools, trigger];
  return { list: () => listed };
});

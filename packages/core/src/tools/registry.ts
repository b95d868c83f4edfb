import { hxError, messageOf } from "../errors/index.ts";
import type { ToolSpec } from "../plugin/tool-spec.ts";
import type { Tool } from "../plugin/tool.ts";
import { validatorFor, type Validator } from "../schema/validator.ts";

/** A tool with its checks. */
export interface RegisteredTool {
  readonly tool: Tool;
  readonly spec: ToolSpec;
  readonly checkInput: Validator;
  readonly checkOutput: Validator | undefined;
}

const prepared = new WeakMap<Tool, RegisteredTool>();

/** Compiles the schemas of a tool once. Throws HX_TOOL_SCHEMA_INVALID. */
function prepare(tool: Tool): RegisteredTool {
  const known = prepared.get(tool);
  if (known) return known;
  const check = (which: "input" | "output", schema: object): Validator => {
    try {
      return validatorFor(schema);
    } catch (thrown) {
      throw hxError(
        "HX_TOOL_SCHEMA_INVALID",
        { tool: tool.name, which, problem: messageOf(thrown) },
        thrown,
      );
    }
  };
  const { name, description, inputSchema } = tool;
  const entry: RegisteredTool = {
    tool,
    spec: Object.freeze({ name, description, inputSchema }),
    checkInput: check("input", inputSchema),
    checkOutput: tool.outputSchema ? check("output", tool.outputSchema) : undefined,
  };
  prepared.set(tool, entry);
  return entry;
}

/** The tools of one run by name; immutable. */
export class ToolRegistry {
  readonly tools: readonly Tool[];
  readonly specs: readonly ToolSpec[];
  readonly #byName: ReadonlyMap<string, RegisteredTool>;

  /** Throws HX_TOOL_DUPLICATE and HX_TOOL_SCHEMA_INVALID. */
  constructor(tools: readonly Tool[]) {
    const byName = new Map<string, RegisteredTool>();
    for (const tool of tools) {
      if (byName.has(tool.name)) throw hxError("HX_TOOL_DUPLICATE", { tool: tool.name });
      byName.set(tool.name, prepare(tool));
    }
    this.#byName = byName;
    this.tools = Object.freeze([...tools]);
    this.specs = Object.freeze([...byName.values()].map((entry) => entry.spec));
  }

  get(name: string): RegisteredTool | undefined {
    return this.#byName.get(name);
  }

  /** The specs of a subset, in its order. */
  specsOf(tools: readonly Tool[]): readonly ToolSpec[] {
    return tools === this.tools ? this.specs : tools.map((tool) => prepare(tool).spec);
  }
}

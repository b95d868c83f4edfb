import { HarnessXError, type ToolContext, type ToolResult } from "@harnessx/core/plugin";

/** What a rule forbids, in contrast to what did not work. */
const REFUSALS: ReadonlySet<string> = new Set([
  "HX_WORKSPACE_OUTSIDE",
  "HX_WORKSPACE_READONLY",
  "HX_WORKSPACE_NOT_A_FILE",
  "HX_WORKSPACE_NO_SANDBOX",
]);

type Execute<Input> = (input: Input, context: ToolContext) => Promise<ToolResult | string>;

/** Turns the errors of this package into results with their code; everything else is thrown on. */
export function withCodes<Input>(execute: Execute<Input>): Execute<Input> {
  return async (input, context) => {
    try {
      return await execute(input, context);
    } catch (thrown) {
      if (!HarnessXError.isInstance(thrown)) throw thrown;
      const { code, message, hint } = thrown;
      const status = REFUSALS.has(code) ? "refused" : "error";
      return { status, content: `${message} ${hint}`, error: { code, message } };
    }
  };
}

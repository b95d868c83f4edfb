import { HarnessXError, type ToolContext, type ToolResult } from "@harnessx/core/plugin";

type Execute<Input> = (input: Input, context: ToolContext) => Promise<ToolResult | string>;

/** Turns the errors of this package into results with their code; everything else is thrown on. */
export function withCodes<Input>(execute: Execute<Input>): Execute<Input> {
  return async (input, context) => {
    try {
      return await execute(input, context);
    } catch (thrown) {
      context.signal.throwIfAborted();
      if (!HarnessXError.isInstance(thrown)) throw thrown;
      const { code, message, hint } = thrown;
      const status = code === "HX_WEB_ADDRESS" ? "refused" : "error";
      return { status, content: `${message} ${hint}`, error: { code, message } };
    }
  };
}

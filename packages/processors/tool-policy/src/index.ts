import { askApproval, defineProcessor, intercept } from "@harnessx/core/plugin";
import type { ToolPolicyOptions } from "./options.ts";
import { compilePolicy } from "./policy.ts";

export type { PolicyDecision, PolicyRule, ToolPolicyOptions } from "./options.ts";

/** Allows, asks about or refuses every tool call by rules. */
export default defineProcessor<ToolPolicyOptions>((run, options) => {
  const rule = compilePolicy(options);

  run.hooks.beforeTool.tap("decide", (event) => {
    const { decision, reason } = rule(event);
    const values = { tool: event.call.name, reason };
    switch (decision) {
      case "allow":
        return undefined;
      case "ask":
        return askApproval(fill(options.question, values));
      case "refuse":
        return intercept({ status: "refused", content: fill(options.message, values) });
    }
  });
});

function fill(template: string, values: Readonly<Record<"tool" | "reason", string>>): string {
  return template.replace(/\{(tool|reason)\}/g, (_whole, name: "tool" | "reason") => values[name]);
}

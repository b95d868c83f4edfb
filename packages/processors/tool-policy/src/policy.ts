import type { Tool, ToolCall } from "@harnessx/core/plugin";
import { argumentMatcher } from "./arguments.ts";
import { nameMatcher } from "./names.ts";
import type { PolicyDecision, PolicyRule, ToolPolicyOptions } from "./options.ts";

/** What a policy says about a call, and why. */
export interface Ruling {
  readonly decision: PolicyDecision;
  readonly reason: string;
}

/** A call as the policy looks at it; `tool` is absent when no such tool is offered. */
interface Asked {
  readonly call: ToolCall;
  readonly tool: Tool | undefined;
}

/** Turns the options into one function. Throws a SyntaxError for a pattern that is no regular expression. */
export function compilePolicy(options: ToolPolicyOptions): (asked: Asked) => Ruling {
  const rules = options.rules.map((rule) => ({ rule, fits: compileRule(rule) }));
  const isDangerousName = nameMatcher(options.dangerous);
  const dangerousTags = new Set(options.dangerousTags);

  return (asked) => {
    const dangerous =
      isDangerousName(asked.call.name) ||
      (asked.tool?.tags ?? []).some((tag) => dangerousTags.has(tag));
    for (const { rule, fits } of rules) {
      if (!fits(asked)) continue;
      // A broad permission was hardly written with this tool in mind.
      if (dangerous && rule.decision === "allow" && !isSpecific(rule)) continue;
      return { decision: rule.decision, reason: rule.reason ?? reasons[rule.decision] };
    }
    if (!dangerous) return { decision: options.default, reason: reasons[options.default] };
    const decision = options.default === "refuse" ? "refuse" : "ask";
    return { decision, reason: "It is on the list of dangerous tools." };
  };
}

const reasons: Readonly<Record<PolicyDecision, string>> = {
  allow: "It is allowed.",
  ask: "The policy asks before such calls.",
  refuse: "The policy does not allow it.",
};

/** Whether the rule names its tools one by one or looks at what they are called with. */
function isSpecific({ tools, arguments: wanted }: PolicyRule): boolean {
  if (wanted && Object.keys(wanted).length > 0) return true;
  return tools !== undefined && tools.every((name) => !name.includes("*"));
}

function compileRule(rule: PolicyRule): (asked: Asked) => boolean {
  const named = rule.tools ? nameMatcher(rule.tools) : () => true;
  const tags = rule.tags && new Set(rule.tags);
  const tests = Object.entries(rule.arguments ?? {}).map(([path, pattern]) =>
    argumentMatcher(path, pattern, rule.decision === "allow"),
  );
  return ({ call, tool }) =>
    named(call.name) &&
    (!tags || (tool?.tags ?? []).some((tag) => tags.has(tag))) &&
    (tests.length === 0 || call.malformed === undefined) &&
    tests.every((fits) => fits(call.input));
}

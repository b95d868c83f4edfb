import type { BudgetView, MessageList, Run, Totals, ToolSpec } from "@harnessx/core/plugin";
import type { RoutingRule } from "./options.ts";

/** What a rule is judged by. */
export interface Situation {
  readonly step: number;
  /** Estimated tokens of the request. */
  readonly tokens: number;
  readonly tools: readonly ToolSpec[];
  readonly lastToolFailed: boolean;
  /** Largest share of steps, tokens or cost that is spent. */
  readonly spent: number;
}

type Rule = RoutingRule & { readonly holds: (situation: Situation) => boolean };

/** The rules of one run: those that the task rules out are gone. Throws for an invalid pattern. */
export function rulesFor(task: string, rules: readonly RoutingRule[]): readonly Rule[] {
  return rules
    .filter((rule) => rule.task === undefined || new RegExp(rule.task, "iu").test(task))
    .map((rule) => ({ ...rule, holds: (situation) => holds(rule, situation) }));
}

function holds(rule: RoutingRule, situation: Situation): boolean {
  const { steps = {}, tokens = {}, tools, lastToolFailed, spent = 0 } = rule;
  return (
    isBetween(situation.step, steps.from, steps.to) &&
    isBetween(situation.tokens, tokens.atLeast, tokens.atMost) &&
    (tools === undefined || situation.tools.some(({ name }) => tools.includes(name))) &&
    (lastToolFailed === undefined || lastToolFailed === situation.lastToolFailed) &&
    situation.spent >= spent
  );
}

function isBetween(value: number, least = -Infinity, most = Infinity): boolean {
  return value >= least && value <= most;
}

/** Whether a call of the newest step failed: looks at the results at the end of the history only. */
export function lastToolFailed(history: MessageList): boolean {
  for (let index = history.length - 1; index >= 0; index -= 1) {
    const message = history.at(index)!;
    if (message.role !== "tool") return false;
    if (message.status !== "ok") return true;
  }
  return false;
}

/** The largest share of a limit that is spent; 0 where the run has no limits. */
export function shareSpent({ budget, state: { totals } }: Pick<Run, "budget" | "state">): number {
  return Math.max(...shares(totals, budget));
}

function shares(totals: Totals, left: BudgetView): number[] {
  return [
    share(totals.steps, left.steps),
    share(totals.inputTokens + totals.outputTokens, left.tokens),
    share(totals.costUsd, left.costUsd),
  ];
}

function share(used: number, left: number): number {
  return used === 0 ? 0 : used / (used + Math.max(0, left));
}

import type { HookName } from "../plugin/hooks.ts";
import type { AnyVerdict } from "../plugin/verdict.ts";

export type VerdictName = AnyVerdict["verdict"];

/** What the runtime knows of a hook; `docs/reference/hooks.md` is generated from it. */
export interface HookFacts {
  readonly name: HookName;
  readonly when: string;
  readonly carries: string;
  readonly mayChange: string;
  /** Verdicts beside passing, in the order of the documentation. */
  readonly verdicts: readonly VerdictName[];
}

/** The eight hooks in the order in which a task meets them. */
export const hookCatalog: readonly HookFacts[] = [
  {
    name: "taskStart",
    when: "once, before the first step",
    carries: "task, tools, system prompt so far",
    mayChange: "the system prompt; may answer the task at once",
    verdicts: ["replace", "intercept", "abort"],
  },
  {
    name: "stepStart",
    when: "at the start of each step",
    carries: "step number, history view, tools, token count, budget",
    mayChange: "the history structurally (evict, summarize) and the tools of this step",
    verdicts: ["replace", "abort"],
  },
  {
    name: "beforeModel",
    when: "before each model call, retries included",
    carries: "the request: messages, tools, sampling, role",
    mayChange:
      "the last user text, one appended user message, sampling, role; may answer in the model's place",
    verdicts: ["replace", "intercept", "abort"],
  },
  {
    name: "afterModel",
    when: "after each model response",
    carries: "request and response",
    mayChange: "content and tool calls; may ask for a retry or end the task with an answer",
    verdicts: ["replace", "intercept", "retry", "abort"],
  },
  {
    name: "beforeTool",
    when: "before each tool call",
    carries: "the call and the tool",
    mayChange: "the input; may split the call, answer or refuse it, or ask for approval",
    verdicts: ["replace", "split", "intercept", "approval", "abort"],
  },
  {
    name: "afterTool",
    when: "after each tool call",
    carries: "the call, its result and duration",
    mayChange: "what the model will see of the result",
    verdicts: ["replace", "abort"],
  },
  {
    name: "stepEnd",
    when: "at the end of each step",
    carries: "the step's calls, usage and totals",
    mayChange: "nothing",
    verdicts: [],
  },
  {
    name: "taskEnd",
    when: "once, however the task ended",
    carries: "output, exit reason, totals, evaluations",
    mayChange: "attaches evaluations",
    verdicts: ["replace"],
  },
];

/** The names of the eight hooks. */
export const hookNames: readonly HookName[] = hookCatalog.map((hook) => hook.name);

const allowed = new Map(hookCatalog.map((hook) => [hook.name, new Set<string>(hook.verdicts)]));

/** Whether `verdict` may be returned from `hook`. */
export function allowsVerdict(hook: HookName, verdict: string): boolean {
  return allowed.get(hook)?.has(verdict) ?? false;
}

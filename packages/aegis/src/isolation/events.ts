import type { HookContracts, HookName } from "@harnessx/core";
import type { Shop } from "./view.ts";

type Event<Name extends HookName> = HookContracts[Name]["event"];

const VIEWS: { readonly [Name in HookName]: (event: Event<Name>, shop: Shop) => object } = {
  taskStart: ({ task, tools, system, edits }, shop) => ({
    task,
    tools: shop.tools(tools),
    system,
    edits,
  }),
  stepStart: ({ step, history, tools, tokens, budget, totals, edits }, shop) => ({
    step,
    history: shop.list(history),
    tools: shop.tools(tools),
    tokens,
    budget,
    totals,
    edits,
  }),
  beforeModel: ({ step, attempt, request, edits }, shop) => ({
    step,
    attempt,
    request: requestView(request, shop),
    edits,
  }),
  afterModel: ({ step, attempt, request, response, edits }, shop) => {
    // Token ids are for training; no processor decides by them.
    const { tokens: _tokens, ...shown } = response;
    return { step, attempt, request: requestView(request, shop), response: shown, edits };
  },
  beforeTool: ({ step, call, tool, edits }, shop) => ({
    step,
    call,
    ...(tool ? { tool: shop.tools([tool]) } : {}),
    edits,
  }),
  afterTool: ({ step, call, result, duration, edits }) => ({ step, call, result, duration, edits }),
  stepEnd: ({ step, finish, calls, usage, totals, edits }) => ({
    step,
    finish,
    calls,
    usage,
    totals,
    edits,
  }),
  taskEnd: ({ task, output, exit, totals, evaluations, edits }) => ({
    task,
    output,
    exit,
    totals,
    evaluations,
    edits,
  }),
};

function requestView(request: Event<"beforeModel">["request"], shop: Shop): object {
  const { messages, tools, sampling, role, seed } = request;
  return { messages: shop.list(messages), tools: shop.tools(tools), sampling, role, seed };
}

/** An event as data: what the machine builds its own event from. */
export function eventView(hook: HookName, event: unknown, shop: Shop): object {
  return (VIEWS[hook] as (event: unknown, shop: Shop) => object)(event, shop);
}

import type { Edit, HookContracts, HookName, ToolResult } from "@harnessx/core";
import { callView, type Shop } from "./view.ts";

type Event<Name extends HookName> = HookContracts[Name]["event"];

/** Events as the guest reads them; what happens at every step is sent as a list. */
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
  beforeModel: (event, shop) => requestView(event, shop),
  afterModel: (event, shop) => {
    // Token ids are for training; no processor decides by them.
    const { tokens: _tokens, ...shown } = event.response;
    return [...requestView(event, shop), shown];
  },
  beforeTool: ({ step, call, tool, edits }, shop) => [
    step,
    callView(call),
    tool ? shop.tools([tool]) : null,
    editsView(edits),
  ],
  afterTool: ({ step, call, result, duration, edits }) => [
    step,
    callView(call),
    resultView(result),
    duration,
    editsView(edits),
  ],
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

function requestView(
  { step, attempt, request, edits }: Event<"beforeModel"> | Event<"afterModel">,
  shop: Shop,
): unknown[] {
  const { messages, tools, sampling, role, seed } = request;
  const set = Object.keys(sampling).length > 0;
  return [
    step,
    attempt,
    shop.list(messages),
    shop.tools(tools),
    set ? sampling : 0,
    role,
    seed,
    editsView(edits),
  ];
}

const editsView = (edits: readonly Edit[]): readonly Edit[] | 0 => (edits.length > 0 ? edits : 0);

/** Most results are a status and a content. */
const resultView = (result: ToolResult): unknown =>
  result.structured === undefined && result.error === undefined && result.end === undefined
    ? [result.status, result.content]
    : result;

/** An event as data: what the machine builds its own event from. */
export function eventView(hook: HookName, event: unknown, shop: Shop): object {
  return (VIEWS[hook] as (event: unknown, shop: Shop) => object)(event, shop);
}

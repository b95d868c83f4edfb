import type { ModelRequestEvent, ModelResponseEvent, TraceEvent } from "@harnessx/core";
import type { Diagnostic } from "./diagnostics.ts";
import type { Turn } from "./turn.ts";

/** What to take from a trace. */
export interface TraceTurnOptions {
  /** Role whose calls are trained on (`main`). */
  readonly role?: string;
  /** Version of the model that played, or one for each model id (0). */
  readonly modelVersion?: number | ((model: string) => number);
  /** Token ids that end an output; with them a finished output that has none at its end is found. */
  readonly endTokens?: readonly number[];
}

/** The turns of a run and what was found on the way. */
export interface TraceTurns {
  readonly turns: readonly Turn[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The model calls of a run's own loop with their tokens. Calls that processors or tools made are
 * left out: nobody rewards them. Never throws for what a trace holds.
 *
 * @example
 * ```ts
 * import { turnsOfTrace } from "@harnessx/grpo-bridge";
 * turnsOfTrace([]).turns; // []
 * ```
 */
export function turnsOfTrace(
  events: readonly TraceEvent[],
  options: TraceTurnOptions = {},
): TraceTurns {
  const { role = "main" } = options;
  const requests = new Map<number, ModelRequestEvent>();
  const turns: Turn[] = [];
  const diagnostics: Diagnostic[] = [];
  let historyEdited = false;
  for (const event of events) {
    if (event.type === "history") historyEdited = true;
    else if (event.type === "model.request") requests.set(event.call, event);
    else if (event.type === "swap")
      diagnostics.push({
        name: "harness-swapped",
        message: `The harness was exchanged at step ${event.step}.`,
      });
    else if (event.type === "model.response") {
      const request = requests.get(event.call);
      if (request === undefined || request.by !== undefined || request.role !== role) continue;
      const turn = turnOf(event, request, historyEdited, options, diagnostics);
      if (!turn) continue;
      turns.push(turn);
      historyEdited = false;
    }
  }
  return { turns, diagnostics };
}

function turnOf(
  response: ModelResponseEvent,
  request: ModelRequestEvent,
  historyEdited: boolean,
  { modelVersion = 0, endTokens }: TraceTurnOptions,
  diagnostics: Diagnostic[],
): Turn | undefined {
  const { call: seq, tokens, usage, finish, model } = response;
  const note = (name: Diagnostic["name"], message: string): undefined => {
    diagnostics.push({ name, seq, message });
    return undefined;
  };
  if (response.intercepted !== undefined)
    return note("intercepted", `The processor ${response.intercepted} answered call ${seq}.`);
  if (!tokens || tokens.output.length === 0)
    return note("missing-ids", `The response to call ${seq} has no token ids.`);
  if (!tokens.prompt)
    return note("missing-prompt-ids", `The response to call ${seq} has no ids of its prompt.`);
  const reported = usage.output;
  const ended = finish === "stop" || finish === "tool_calls";
  if (reported === tokens.output.length + 1 && ended)
    note(
      "dropped-end-of-sequence",
      `Call ${seq} reports one output token more than it has ids: the end token is not recorded.`,
    );
  else if (reported !== tokens.output.length)
    return note(
      "token-count-mismatch",
      `Call ${seq} reports ${reported} output tokens and has ${tokens.output.length} ids.`,
    );
  else if (ended && endTokens && !endTokens.includes(tokens.output.at(-1)!))
    note(
      "dropped-end-of-sequence",
      `The output of call ${seq} is finished but ends with ${tokens.output.at(-1)}, which is no end token.`,
    );
  const { temperature = 1, topP = 1 } = request.sampling ?? {};
  if (temperature !== 1 || topP < 1)
    note(
      "biased-sampling",
      `Call ${seq} was sampled at temperature ${temperature}, top-p ${topP}.`,
    );
  return {
    seq,
    promptIds: tokens.prompt,
    outputIds: tokens.output,
    logprobs: tokens.logprobs,
    modelVersion: typeof modelVersion === "number" ? modelVersion : modelVersion(model),
    historyEdited,
  };
}

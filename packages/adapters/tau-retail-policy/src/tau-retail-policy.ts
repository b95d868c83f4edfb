import type { ModelBinding, ModelClient, ModelRequest, ModelResponse } from "@harnessx/core/plugin";
import { isAdvised } from "./advice.ts";
import { decide, type Move } from "./decide.ts";
import { tauRetailPolicyError } from "./errors.ts";
import { describeRates, faultsOf, type FaultRates, type Faults } from "./faults.ts";
import { idOf, positionIn, type Position } from "./position.ts";
import { solutionOf, type Solution } from "./solution.ts";

/** Options of the policy; `options.schema.json` says the same to the manifest. */
export interface TauRetailPolicyOptions {
  /** How often each fault is injected where it can occur. */
  readonly faults?: FaultRates;
  /** Of the draws. */
  readonly seed?: number;
}

/**
 * Creates the stand-in: plays the gold solution of the task to which it is bound, asking who the
 * customer is and for a yes before each change, and commits the faults that were asked for, unless
 * the harness says what keeps it from them. Its results say nothing about language models.
 *
 * Unbound, `generate` rejects with HX_MODEL_RETAIL_UNBOUND.
 *
 * @example
 * ```ts
 * import { createTauRetailPolicy } from "@harnessx/adapter-tau-retail-policy";
 * createTauRetailPolicy({ faults: { earlyStop: 0.5 } }).id; // "tau-retail-gold+injected(earlyStop=0.5)"
 * ```
 */
export function createTauRetailPolicy(
  options: TauRetailPolicyOptions = {},
): ModelClient & { bind(binding: ModelBinding): ModelClient } {
  const { faults: rates = {}, seed = 1 } = options;
  const injected = describeRates(rates);
  const client = (task: string, solution: Solution | undefined): ModelClient => {
    // Tells this run's draws from another's until the first call carries it in the history.
    let run: string | undefined;
    return {
      id: injected === "" ? "tau-retail-gold" : `tau-retail-gold+injected(${injected})`,
      policy: "oracle",
      async generate(request, { signal }): Promise<ModelResponse> {
        signal.throwIfAborted();
        if (solution === undefined) throw tauRetailPolicyError("HX_MODEL_RETAIL_UNBOUND", { task });
        const position = positionIn(request.messages);
        run = position.run ?? run ?? request.seed.toString(36);
        return answer(request, solution, position, faultsOf(rates, seed, task, run), run);
      },
    };
  };
  return {
    ...client("(not bound to one)", undefined),
    bind: ({ taskId, oracle }) => client(taskId, oracle && solutionOf(oracle)),
  };
}

function answer(
  { messages }: ModelRequest,
  solution: Solution,
  position: Position,
  faults: Faults,
  run: string,
): ModelResponse {
  const move = decide(
    solution,
    position,
    (fault, call) => faults.occurs(fault, call) && !isAdvised(messages, fault),
  );
  return responseOf(move, run, messages.tokens);
}

/** Tokens are estimated at four characters each. */
function responseOf(move: Move, run: string, input: number): ModelResponse {
  if (move.kind === "say") {
    const { text } = move;
    const usage = { input, output: Math.ceil(text.length / 4) };
    return { content: [{ type: "text", text }], toolCalls: [], finish: "stop", usage };
  }
  const { index, part, name, input: sent } = move;
  const output = Math.ceil((name.length + JSON.stringify(sent).length) / 4);
  return {
    content: [],
    toolCalls: [{ id: idOf(run, index, part), name, input: sent }],
    finish: "tool_calls",
    usage: { input, output },
  };
}

import type { ModelClient, ModelRequest, ModelResponse } from "@harnessx/core/plugin";
import { Decision } from "./decide.ts";
import { createRandom } from "./random.ts";
import { readSituation } from "./situation.ts";

/** Options of the policy; `options.schema.json` says the same to `models.json`. */
export interface WikiPolicyOptions {
  /** How often it looks for another way after a failure, in [0, 1]. */
  readonly curiosity?: number;
}

/** Creates the policy: rules and random numbers from the request's seed, no learning and no memory of its own. */
export function createWikiPolicy({ curiosity = 0.1 }: WikiPolicyOptions = {}): ModelClient {
  return {
    id: curiosity === 0.1 ? "wiki-policy" : `wiki-policy-${curiosity}`,
    policy: "rule",
    async generate(request, { signal }) {
      signal.throwIfAborted();
      return respond(request, curiosity);
    },
  };
}

function respond({ messages, tools, seed }: ModelRequest, curiosity: number): ModelResponse {
  const move = new Decision(readSituation(messages), tools, curiosity, createRandom(seed)).next();
  const input = messages.tokens;
  if (move === undefined) {
    const content = [{ type: "text", text: "I have no tool to answer with." }] as const;
    return { content, toolCalls: [], finish: "stop", usage: { input, output: 8 } };
  }
  const output = Math.ceil(JSON.stringify(move).length / 4);
  return {
    content: [],
    toolCalls: [{ id: `wiki.${callsIn(messages)}`, name: move.name, input: move.input }],
    finish: "tool_calls",
    usage: { input, output },
  };
}

/** Number of calls so far: ids are unique within a run, and the same in a replay. */
function callsIn(messages: ModelRequest["messages"]): number {
  let last = -1;
  for (const message of messages) {
    if (message.role !== "assistant") continue;
    for (const { id } of message.toolCalls)
      last = Math.max(last, Number(id.replace(/^wiki\./, "")));
  }
  return last + 1;
}

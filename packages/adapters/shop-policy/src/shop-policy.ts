import type { ModelClient, ModelRequest, ModelResponse } from "@harnessx/core/plugin";
import { decide } from "./decide.ts";
import { createRandom } from "./random.ts";
import { readSituation } from "./situation.ts";

/** Options of the policy; `options.schema.json` says the same to the manifest. */
export interface ShopPolicyOptions {
  /** Chance that it opens an item of a page of results on its own accord. */
  readonly openness?: number;
}

/** What it answers when the tool that it wants is not offered. */
const nothingToDo = "I do not see what to do with the tools that I have.";

/**
 * Creates the rule-based stand-in for a weak language model in the shop suite. It sees the messages
 * alone; equal requests get equal answers.
 */
export function createShopPolicy(options: ShopPolicyOptions = {}): ModelClient {
  const { openness = 0.16 } = options;
  return {
    id: "shop-policy",
    policy: "rule",
    async generate(request, { signal }): Promise<ModelResponse> {
      signal.throwIfAborted();
      return answer(request, openness);
    },
  };
}

/** Tokens are estimated at four characters each. */
function answer({ messages, tools, seed }: ModelRequest, openness: number): ModelResponse {
  const move = decide(readSituation(messages), openness, createRandom(seed));
  const input = messages.tokens;
  if (!tools.some(({ name }) => name === move.name)) {
    const content = [{ type: "text", text: nothingToDo }] as const;
    return { content, toolCalls: [], finish: "stop", usage: { input, output: 12 } };
  }
  const output = Math.ceil(JSON.stringify(move).length / 4);
  return {
    content: [],
    toolCalls: [{ id: `shop-${seed.toString(36)}`, ...move }],
    finish: "tool_calls",
    usage: { input, output },
  };
}

import type {
  Message,
  ModelCallContext,
  ModelClient,
  ModelRequest,
  ModelResponse,
  Sampling,
  ToolSpec,
} from "@harnessx/core/plugin";
import { listCandidates } from "./candidates.ts";
import { readTools, textOfCommand, type Command } from "./commands.ts";
import { FeatureExtractor } from "./features.ts";
import { checkOptions, type TinyPolicyOptions } from "./options.ts";
import { seedName, uniform } from "./random.ts";
import { sampleIndex, softmax, tokenLogprobs } from "./sampler.ts";
import { Scorer } from "./scorer.ts";
import { readSituation } from "./situation.ts";
import { startToken, tokenizer, type Tokenizer } from "./tokenizer.ts";
import { readView, textOfMessage, type View } from "./view.ts";
import { loadWeights, type Weights } from "./weights.ts";

/** A command that the policy considered and how likely it was. */
export interface Consideration {
  readonly command: string;
  readonly probability: number;
}

/** The tiny policy as a model, with a look inside. */
export interface TinyPolicy extends ModelClient {
  readonly policy: "tiny-policy";
  /** The distribution that `generate` samples from; probabilities sum to 1. Empty when nothing comes to mind. */
  consider(request: Pick<ModelRequest, "messages" | "tools" | "sampling">): Consideration[];
}

/** What it answers when no offered tool allows a command that it knows. */
const nothingToDo = "I do not see what to do with the tools that I have.";

const tokenCounts = new WeakMap<Message, readonly number[]>();
/** By schema, then by the rest: a host may make new tool objects for each call, but schemas stay. */
const toolTokens = new WeakMap<object, Map<string, readonly number[]>>();
const commandTokens = new Map<string, readonly number[]>();

function tokensOfMessage(message: Message, { encode }: Tokenizer): readonly number[] {
  let tokens = tokenCounts.get(message);
  if (tokens === undefined) {
    let text = textOfMessage(message);
    if (message.role === "assistant" && Array.isArray(message.toolCalls))
      for (const call of message.toolCalls) text += `${call.name} ${JSON.stringify(call.input)}`;
    tokens = [startToken, ...encode(text)];
    tokenCounts.set(message, tokens);
  }
  return tokens;
}

function tokensOfTool(tool: ToolSpec, { encode }: Tokenizer): readonly number[] {
  let byText = toolTokens.get(tool.inputSchema);
  if (byText === undefined) {
    byText = new Map();
    toolTokens.set(tool.inputSchema, byText);
  }
  const text = `${tool.name} ${tool.description} `;
  let tokens = byText.get(text);
  if (tokens === undefined) {
    tokens = [startToken, ...encode(text + JSON.stringify(tool.inputSchema))];
    byText.set(text, tokens);
  }
  return tokens;
}

function tokensOfCommand(text: string, { encode, end }: Tokenizer): readonly number[] {
  let tokens = commandTokens.get(text);
  if (tokens === undefined) {
    tokens = [...encode(text), end];
    if (commandTokens.size > 20_000) commandTokens.clear();
    commandTokens.set(text, tokens);
  }
  return tokens;
}

/** Sampling settings that this policy does not have. */
function warningsFor(sampling: Sampling): string[] | undefined {
  const ignored: string[] = [];
  if (sampling.topP !== undefined && sampling.topP < 1) ignored.push("topP");
  if (sampling.stop !== undefined && sampling.stop.length > 0) ignored.push("stop");
  return ignored.length === 0 ? undefined : ignored.map((name) => `tiny-policy ignores ${name}`);
}

interface Thought {
  readonly commands: readonly Command[];
  readonly texts: readonly string[];
  readonly probabilities: Float64Array;
}

/**
 * Creates the tiny policy: an offline stand-in for a language model in the household world.
 *
 * It sees the request and nothing else. Equal requests (messages, tools, sampling, seed) get equal
 * responses, so a client may be shared by any number of runs.
 *
 * @throws TinyPolicyError `HX_MODEL_OPTIONS`, `HX_MODEL_WEIGHTS`
 */
export function createTinyPolicy(options: TinyPolicyOptions = {}): TinyPolicy {
  checkOptions(options);
  return policyOf(loadWeights(options.weights), options);
}

/** The policy of weights at hand, as training needs it. */
export function policyOf(weights: Weights, options: TinyPolicyOptions = {}): TinyPolicy {
  const attention = options.attention ?? weights.attention;
  const words = tokenizer();
  const scorer = new Scorer(weights);

  const think = (view: View, tools: readonly ToolSpec[], sampling: Sampling): Thought => {
    const situation = readSituation(view);
    const commands = listCandidates(situation, readTools(tools));
    const extractor = new FeatureExtractor(situation, scorer);
    const texts: string[] = [];
    const scores: number[] = [];
    for (const command of commands) {
      const text = textOfCommand(command);
      texts.push(text);
      scorer.start();
      extractor.extract(command, text);
      scores.push(scorer.score());
    }
    const temperature = sampling.temperature ?? options.temperature ?? 1;
    return { commands, texts, probabilities: softmax(scores, temperature) };
  };

  const promptTokens = (view: View, tools: readonly ToolSpec[]): number[] => {
    const ids: number[] = [];
    for (const tool of tools) for (const id of tokensOfTool(tool, words)) ids.push(id);
    for (const message of view.read) for (const id of tokensOfMessage(message, words)) ids.push(id);
    return ids;
  };

  const promptLength = (view: View, tools: readonly ToolSpec[]): number => {
    let count = 0;
    for (const tool of tools) count += tokensOfTool(tool, words).length;
    for (const message of view.read) count += tokensOfMessage(message, words).length;
    return count;
  };

  const answer = (request: ModelRequest): ModelResponse => {
    const { messages, tools, sampling, seed } = request;
    const view = readView(messages, attention);
    const { commands, texts, probabilities } = think(view, tools, sampling);
    const input = promptLength(view, tools);
    const prompt = options.recordPrompt === true ? promptTokens(view, tools) : undefined;
    const warnings = warningsFor(sampling);
    if (commands.length === 0) {
      // Nothing to choose from: the one answer left has probability 1.
      const output = [...words.encode(nothingToDo), words.end];
      return {
        content: [{ type: "text", text: nothingToDo }],
        toolCalls: [],
        finish: "stop",
        usage: { input, output: output.length },
        tokens: { prompt, output, logprobs: output.map(() => 0) },
        warnings,
      };
    }
    const chosen = sampleIndex(probabilities, uniform(seed));
    const sequences = texts.map((text) => tokensOfCommand(text, words));
    const output = [...sequences[chosen]!];
    const call = readTools(tools).call(commands[chosen]!);
    return {
      content: [],
      // The seed differs from call to call and the length from step to step: unique within a run,
      // and the same again in a replay.
      toolCalls: [{ id: `tp-${messages.length}-${seedName(seed)}`, ...call }],
      finish: "tool_calls",
      usage: { input, output: output.length },
      tokens: { prompt, output, logprobs: tokenLogprobs(sequences, probabilities, chosen) },
      warnings,
    };
  };

  return {
    id: "tiny-policy",
    policy: "tiny-policy",
    consider({ messages, tools, sampling }) {
      const { texts, probabilities } = think(readView(messages, attention), tools, sampling);
      return texts.map((command, index) => ({ command, probability: probabilities[index]! }));
    },
    generate(request: ModelRequest, { signal }: ModelCallContext): Promise<ModelResponse> {
      try {
        signal.throwIfAborted();
        return Promise.resolve(answer(request));
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
    },
  };
}

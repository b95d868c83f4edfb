import type { AfterModelEvent, Json, JsonObject } from "@harnessx/core/plugin";
import type { Ranges } from "./ranges.ts";

/** Why the output of a turn is not to be trained. */
export type Masked = "intercepted" | "edited" | "dropped" | "redacted" | "filtered";

/** A turn as it is written; it is completed when its step has ended. */
export type Turn = {
  type: "turn";
  index: number;
  step: number;
  messages: Ranges;
  answer?: number;
  dropped?: JsonObject;
  tokens?: JsonObject;
  mask: 0 | 1;
  masked?: Masked;
  reward?: number;
  return?: number;
  signals?: JsonObject[];
  [field: string]: JsonObject[string];
};

/** The tools that were offered, or the turn that had the same ones. */
export interface TurnTools {
  readonly tools: Json;
  readonly toolsOf?: number;
}

/** What is known of a turn beside its event. */
export interface TurnFacts {
  readonly index: number;
  readonly messages: Ranges;
  readonly tools: TurnTools;
  /** A processor answered in place of the model. */
  readonly isIntercepted: boolean;
  /** Something in the request or the response was redacted: its tokens would give it away. */
  readonly isRedacted: boolean;
}

/** The line of a turn, as far as it is known behind the model call. */
export function turnOf({ request, response, ...event }: AfterModelEvent, facts: TurnFacts): Turn {
  const { input, output, cachedInput } = response.usage;
  const masked = maskedBy(response.finish, event.edits.length > 0, facts);
  const { tokens } = response;
  return {
    type: "turn",
    index: facts.index,
    step: event.step,
    attempt: event.attempt,
    role: request.role,
    seed: request.seed,
    ...(Object.keys(request.sampling).length > 0
      ? { sampling: request.sampling as JsonObject }
      : {}),
    messages: facts.messages,
    ...facts.tools,
    finish: response.finish,
    usage: { input, output, ...(cachedInput === undefined ? {} : { cachedInput }) },
    ...(tokens && !facts.isRedacted
      ? {
          tokens: {
            ...(tokens.prompt ? { prompt: tokens.prompt } : {}),
            output: tokens.output,
            logprobs: tokens.logprobs,
          },
        }
      : {}),
    mask: masked ? 0 : 1,
    ...(masked ? { masked } : {}),
  };
}

function maskedBy(
  finish: string,
  isEdited: boolean,
  { isIntercepted, isRedacted }: TurnFacts,
): Masked | undefined {
  if (isIntercepted) return "intercepted";
  // What took effect is not what the model said.
  if (isEdited) return "edited";
  if (isRedacted) return "redacted";
  return finish === "content_filter" ? "filtered" : undefined;
}

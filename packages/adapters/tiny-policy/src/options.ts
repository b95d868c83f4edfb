import { tinyPolicyError } from "./errors.ts";

/** Options of the model entry in a harness manifest. */
export interface TinyPolicyOptions {
  /** `tiny-policy` (default) samples from the learned policy; `oracle` emits the gold calls it is bound to. */
  readonly policy?: "tiny-policy" | "oracle";
  /** Used when the request sets none; 0 takes the likeliest command. Default 1. */
  readonly temperature?: number;
  /** How many exchanges it looks back. Default: as trained. */
  readonly attention?: number;
  /** Path of a weights file; default the one that ships with the package. */
  readonly weights?: string;
  /** Also records the token ids of the prompt. Default false. */
  readonly recordPrompt?: boolean;
}

const refuse = (option: string, value: unknown, wanted: string): never => {
  throw tinyPolicyError("HX_MODEL_OPTIONS", { option, value, wanted });
};

/** Checks options that did not pass through the schema. */
export function checkOptions(options: TinyPolicyOptions): TinyPolicyOptions {
  const { policy, temperature, attention } = options;
  if (policy !== undefined && policy !== "tiny-policy" && policy !== "oracle")
    refuse("policy", policy, '"tiny-policy" or "oracle"');
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 100))
    refuse("temperature", temperature, "a number from 0 to 100");
  if (
    attention !== undefined &&
    !(Number.isInteger(attention) && attention >= 1 && attention <= 50)
  )
    refuse("attention", attention, "an integer from 1 to 50");
  return options;
}

import { defineModel } from "@harnessx/core/plugin";
import { createOracle } from "./oracle.ts";
import { checkOptions, type TinyPolicyOptions } from "./options.ts";
import { createTinyPolicy } from "./tiny-policy.ts";
import { tokenizer } from "./tokenizer.ts";

export { tinyPolicyErrors } from "./errors.ts";
export type { TinyPolicyError, TinyPolicyErrorCode } from "./errors.ts";
export { createOracle } from "./oracle.ts";
export type { TinyPolicyOptions } from "./options.ts";
export { createTinyPolicy, type Consideration, type TinyPolicy } from "./tiny-policy.ts";
export { tokenizer, type Tokenizer } from "./tokenizer.ts";
export type { Weights } from "./weights.ts";

/** Token ids of a text, in the tokenizer that ships with the package. */
export const encode = (text: string): number[] => tokenizer().encode(text);

/** The text of token ids. */
export const decode = (ids: readonly number[]): string => tokenizer().decode(ids);

/** The model plugin: `tiny-policy`, or `oracle` with that option. */
export default defineModel<TinyPolicyOptions>((options) =>
  checkOptions(options).policy === "oracle" ? createOracle() : createTinyPolicy(options),
);

import { defineModel } from "@harnessx/core/plugin";
import { createWikiPolicy, type WikiPolicyOptions } from "./wiki-policy.ts";

export { createWikiPolicy } from "./wiki-policy.ts";
export type { WikiPolicyOptions } from "./wiki-policy.ts";

/** The model plugin: a rule-based stand-in for a language model in the wiki suite. */
export default defineModel<WikiPolicyOptions>((options) => createWikiPolicy(options));

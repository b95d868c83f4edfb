/** What text that poses as instructions tries. */
export type InjectionKind =
  | "override"
  | "persona"
  | "concealment"
  | "prompt-leak"
  | "role-tag"
  | "tool-call"
  | "delimiter"
  | "hidden-text"
  | "custom";

/** A short stretch of words within a sentence. */
const few = "[^.!?;\\n]{0,40}";

/** What the model was told by those who may tell it something. */
const earlier = `\\b(?:previous|prior|above|earlier|preceding|system|original|your|all(?: the| of the)?)\\b${few}\\b(?:instructions?|prompts?|rules|directives?|guidelines|commands?|constraints|safeguards)\\b`;

/** Patterns over a line in lower case without invisible characters; bounded, so that they stay linear. */
export const patterns: readonly { readonly kind: InjectionKind; readonly pattern: RegExp }[] = [
  {
    kind: "override",
    pattern: new RegExp(
      `\\b(?:ignore|disregard|forget|do not follow|stop following)\\b${few}${earlier}`,
    ),
  },
  {
    kind: "override",
    // The noun is common in documentation: "this override is for previous rules".
    pattern: new RegExp(
      `\\b(?:override|bypass) (?=(?:all|any|the|your|these|those|previous|prior)\\b)${few}${earlier}`,
    ),
  },
  {
    kind: "override",
    pattern:
      /(?:^|[.!?:>\]*#-])\s*(?:the )?(?:new|updated|real|actual|revised) (?:system )?(?:instructions?|directives?|prompts?)(?: for (?:you|the (?:ai|assistant|agent|model)))?\s*:/,
  },
  {
    kind: "persona",
    pattern: new RegExp(
      `\\byou are (?:now|from now on) (?:an?|the|in|called|named|known as)\\b${few}\\b(?:ai|assistant|agent|language model|chatbot|dan|jailbroken|unrestricted|hacker|(?:developer|god|dan|jailbreak) mode)\\b`,
    ),
  },
  {
    kind: "persona",
    pattern: new RegExp(
      `\\b(?:enter|enable|activate|switch to)\\b${few}\\b(?:developer|debug|god|dan|jailbreak|unrestricted) mode\\b${few}\\b(?:you|ignore|answer|respond|obey)\\b`,
    ),
  },
  {
    kind: "concealment",
    pattern: new RegExp(
      `\\b(?:do not|don't|never|without)\\b${few}\\b(?:tell(?:ing)?|inform(?:ing)?|mention(?:ing)?|alert(?:ing)?|notify(?:ing)?|reveal(?:ing)?)\\b${few}\\bthe (?:user|human|operator|owner)\\b`,
    ),
  },
  {
    kind: "prompt-leak",
    pattern: new RegExp(
      `\\b(?:reveal|print|show|repeat|output|send|disclose|leak|recite)\\b${few}\\b(?:your|the) (?:full |entire |exact |hidden |initial |original )?(?:system prompt|system message|hidden instructions|initial instructions)\\b`,
    ),
  },
  {
    kind: "role-tag",
    pattern:
      /<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|end_header_id|begin_of_text)\|>|<<\/?sys>>|\[\/?inst\]|^\s*<\/?(?:system|assistant|developer)(?:[_-](?:prompt|message|instructions?))?>/,
  },
  {
    kind: "role-tag",
    pattern:
      /^\s*(?:#+\s*)?(?:system|developer)(?: prompt| message)?\s*:\s*(?:you|ignore|from now|your|the assistant)\b/,
  },
  {
    kind: "tool-call",
    pattern:
      /<\/?(?:[a-z]+:)?(?:tool_call|tool_use|function_calls?|tool_calls|invoke|tool_response|function_results)\b[^<\n]{0,200}>/,
  },
  {
    kind: "tool-call",
    pattern:
      /\{\s*"(?:name|tool|function|tool_name)"\s*:\s*"[\w.-]{1,64}"\s*,\s*"(?:arguments|parameters|input|args|tool_input)"\s*:/,
  },
];

/** A line longer than this is looked at in overlapping pieces. */
export const pieceChars = 2_000;

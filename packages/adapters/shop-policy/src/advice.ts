import { linesOf, type Line } from "./page.ts";

/** What the messages that no tool and no user's task brought ask of the agent. */
export interface Advice {
  /** From 0 (nothing said) to 1 (told to stop going on and to decide). */
  readonly urge: number;
  /** Lines of the advice that name items, in its order. */
  readonly lines: readonly Line[];
}

/** Words about going on from page to page. */
const onward =
  /\b(?:pag(?:e|es|ing|ed)|mov(?:e|es|ed|ing) (?:on|ahead|along)|moves|go(?:ing)? on|went on|scroll\w*|brows\w*|next|navigat\w*|flipp?\w*|turn(?:ed|ing|s)?|search(?:ed|ing|es)?|wander\w*|lists?)\b/i;

/** Words that say that it was too much. */
const excess =
  /\b(?:in a row|over and over|again and again|on and on|repeat\w*|loop\w*|circles?|too (?:often|many|long|much)|enough|(?:\d+|two|three|four|five|six|seven|eight|nine|ten|many|several) (?:times|pages|moves|turns|lists)|no more|instead of|rather than|keep \w+ing|kept \w+ing|stuck|(?:stop|quit|cease) \w+ing)\b/i;

/** Words about coming to a decision. */
const decision =
  /\b(?:decid\w*|decision|choos\w*|pick|select|settle|commit|compar\w*|open|inspect|examine|look (?:at|into)|follow(?:ed)? up|buy|purchase|act on|stop|enough|make up your mind)\b/i;

/** A decision that is advised against, or advice to go on. */
const against =
  /\b(?:do not|don't|never|not yet|no need to|too early to|avoid)\b[^.;:]{0,30}\b(?:decid|choos|pick|select|settl|commit|open|buy|stop)|(?:^\W*|[,;:]\s*|\b(?:should|please|must|to)\s+)(?:keep|continue)\b[^.;:]{0,20}\b(?:paging|searching|browsing|looking|going)\b/i;

/** Advice not to go on reads like advice to go on. */
const refusal =
  /\b(?:stop|do not|don't|no more|instead of|rather than|quit|cease|not)\b[^.;:]{0,30}$/i;

/** Reads advice by its words: no sentence is known beforehand. */
export function readAdvice(texts: readonly string[]): Advice {
  let onwards = false;
  let exceeds = false;
  let decides = false;
  for (const sentence of texts.flatMap((text) => text.split(/(?<=[.!?;:])\s|\n/))) {
    const objection = against.exec(sentence);
    if (objection && !refusal.test(sentence.slice(0, objection.index)))
      return { urge: 0, lines: [] };
    onwards ||= onward.test(sentence);
    exceeds ||= excess.test(sentence);
    decides ||= decision.test(sentence);
  }
  const urge = decides ? (onwards && exceeds ? 1 : 0.08) : 0;
  return { urge, lines: texts.flatMap(linesOf) };
}

import { textOf } from "@harnessx/core/plugin";
import type { MessageList } from "@harnessx/core/plugin";
import type { FaultName } from "./faults.ts";

/** Words of a harness that keep a fault from occurring. No sentence of a particular processor is known. */
const remedies: Readonly<Record<FaultName, readonly RegExp[]>> = {
  malformedId: [
    /(?:#|number sign|hash sign).{0,60}\b(?:id|order|begin|start|lead)/is,
    /\b(?:id|order)s?\b.{0,60}(?:#|number sign|hash sign)/is,
  ],
  duplicatedWrite: [/\b(?:twice|only once|again|repeat\w*|duplicate\w*)\b/i],
  earlyStop: [
    /\b(?:unfinished|not (?:yet )?(?:done|finished|complete)|still open|to-?do|checklist|before you (?:finish|stop|answer))\b/i,
  ],
  droppedRequest: [
    /\b(?:every|each|all)(?: of)?(?: the| their)? (?:\w+ )?(?:requests?|wish(?:es)?|parts?|points?|tasks?)\b/i,
    /\b(?:unfinished|still open|to-?do|checklist)\b/i,
  ],
  ignoredPolicy: [
    /\ball\b.{0,40}\bitems?\b.{0,60}\b(?:one|single|same)\b.{0,10}\b(?:call|list)\b/is,
  ],
};

/** Whether the harness, not the task, says something that keeps the fault away. */
export const isAdvised = (messages: MessageList, fault: FaultName): boolean => {
  const advice = adviceOf(messages);
  return remedies[fault].some((words) => words.test(advice));
};

/**
 * What the harness says: system messages, and the last user message unless it is the task or the
 * customer's: the user message right after an answer in words.
 */
function adviceOf(messages: MessageList): string {
  const said: string[] = [];
  let last = "";
  let isPersons = true;
  for (const message of messages) {
    if (message.role === "system") said.push(textOf(message));
    else if (message.role === "user") {
      last = isPersons ? "" : textOf(message);
      isPersons = false;
    } else isPersons = message.role === "assistant" && message.toolCalls.length === 0;
  }
  return [...said, last].join("\n");
}

import type { JsonObject } from "@harnessx/core/plugin";
import type { FaultName } from "./faults.ts";
import type { CallPart, Position } from "./position.ts";
import { malformed, oneByOne, type Solution, type Step } from "./solution.ts";

/** The next turn: a call, or words. */
export type Move =
  | {
      readonly kind: "call";
      readonly index: number;
      readonly part: CallPart;
      readonly name: string;
      readonly input: JsonObject;
    }
  | { readonly kind: "say"; readonly text: string };

const say = (text: string): Move => ({ kind: "say", text });

const whoAreYou =
  "Gladly. First I have to find you: what is your email address, or your name and zip code?";
const excuse =
  "I am sorry, something went wrong on our side. The rest has to wait for another day.";
const soon = "I am looking into it. You will hear from us.";
const farewell = "Thank you, goodbye.";
const handover = "YOU ARE BEING TRANSFERRED TO A HUMAN AGENT. PLEASE HOLD ON.";

/** Decides the next turn; `occurs` says which faults do, where a call is given at that call. */
export function decide(
  { steps, say: words }: Solution,
  { newest, answers }: Position,
  occurs: (fault: FaultName, call?: number) => boolean,
): Move {
  if (newest === undefined && answers === 0) return say(whoAreYou);
  if (newest !== undefined && answers === 0) {
    const more = sameCallOnceMore(steps, newest, occurs);
    if (more !== undefined) return more;
  }
  const next = newest === undefined ? 0 : newest.index + 1;
  const index = occurs("droppedRequest") ? skipAfterFirstWrite(steps, next) : next;
  const step = steps[index];
  const answered = newest === undefined ? answers - 1 : answers;
  if (step === undefined) return answered > 0 ? say(farewell) : say(finalWords(steps, words));
  if (step.isWrite && answered === 0)
    return say(isFirstWrite(steps, index) && occurs("earlyStop") ? soon : askFor(step));
  return callOf(step, index, "call", occurs);
}

function sameCallOnceMore(
  steps: readonly Step[],
  { index, part, status }: NonNullable<Position["newest"]>,
  occurs: (fault: FaultName, call?: number) => boolean,
): Move | undefined {
  const step = steps[index];
  if (step === undefined || !step.isWrite) return undefined;
  // It takes the refusal of its own copy for a failure of the shop.
  if (part === "again") return status === "ok" ? undefined : say(excuse);
  if (part !== "call") return undefined;
  if (oneByOne(step.input) && occurs("ignoredPolicy", index))
    return callOf(step, index, "rest", occurs);
  return occurs("duplicatedWrite", index) ? callOf(step, index, "again", occurs) : undefined;
}

function callOf(
  { name, input, isWrite }: Step,
  index: number,
  part: CallPart,
  occurs: (fault: FaultName, call?: number) => boolean,
): Move {
  const halves = isWrite && occurs("ignoredPolicy", index) ? oneByOne(input) : undefined;
  const meant = halves === undefined ? input : halves[part === "rest" ? 1 : 0];
  const sent = occurs("malformedId", index) ? malformed(meant) : meant;
  return { kind: "call", index, part, name, input: sent };
}

const isFirstWrite = (steps: readonly Step[], index: number): boolean =>
  index === steps.findIndex(({ isWrite }) => isWrite);

/** From the second write on nothing is done. */
function skipAfterFirstWrite(steps: readonly Step[], index: number): number {
  const first = steps.findIndex(({ isWrite }) => isWrite);
  const second = steps.findIndex(({ isWrite }, at) => isWrite && at > first);
  return second !== -1 && index > first ? steps.length : index;
}

const askFor = ({ name, input }: Step): string =>
  `I would do this: ${name.replaceAll("_", " ")}, ${detailsOf(input)}. Do you confirm (yes or no)?`;

const detailsOf = (input: JsonObject): string =>
  Object.entries(input)
    .map(
      ([key, value]) =>
        `${key.replaceAll("_", " ")} ${Array.isArray(value) ? value.join(" and ") : String(value)}`,
    )
    .join(", ");

function finalWords(steps: readonly Step[], words: string): string {
  const told = words === "" ? "" : ` What you wanted to know: ${words}.`;
  if (steps.at(-1)?.name === "transfer_to_human_agents") return `${handover}${told}`;
  return `That is all done.${told}`;
}

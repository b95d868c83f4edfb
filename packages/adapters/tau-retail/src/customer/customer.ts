import type { Random } from "../random.ts";
import type { Brief } from "./brief.ts";

/** Words of a question that can only be meant for finding out who someone is. */
const identity = /\b(e-?mail|zip|postal code|your (?:full )?name|user id|identity|who you are)\b/i;
const confirmation = /\b(confirm|proceed|go ahead|yes\b|is (?:that|this) (?:right|correct|ok))/i;
const closing = /\banything else\b/i;
const handover = /\btransferred to a human\b/i;
const request = /\?|\b(please|could you|can you|let me know|i need|tell me)\b/i;

/** After so many answers the customer has had enough. */
const patience = 30;
const repeats = 2;

/** The scripted customer: speaks by rules from the brief, the same words under the same seed. */
export class ScriptedCustomer {
  readonly #brief: Brief;
  readonly #greeting: string;
  readonly #yes: string;
  readonly #said = new Set<string>();
  #answers = 0;
  #restated = 0;

  constructor(brief: Brief, random: Random) {
    this.#brief = brief;
    this.#greeting = random.pick(["Hello.", "Hi there.", "Good day."]);
    this.#yes = random.pick(["Yes, please go ahead.", "Yes, that is right.", "Yes, do that."]);
  }

  /** The first words. */
  open(): string {
    return `${this.#greeting} ${this.#brief.opening}`;
  }

  /** The reply to an answer of the agent; nothing when the customer is done. */
  reply(answer: string): string | undefined {
    this.#answers += 1;
    if (this.#answers > patience || handover.test(answer)) return undefined;
    if (!request.test(answer)) return undefined;
    if (confirmation.test(answer)) return this.#confirm();
    const asked = this.#askedFor(answer);
    if (asked !== undefined) return asked;
    if (identity.test(answer)) return this.#introduce(answer);
    if (closing.test(answer)) return undefined;
    return this.#restate();
  }

  #confirm(): string {
    const change = this.#brief.onDemand.find(
      ({ when, say }) => when === "confirmation" && !this.#said.has(say),
    );
    return change === undefined ? this.#yes : this.#once(change.say);
  }

  #askedFor(answer: string): string | undefined {
    const words = answer.toLowerCase();
    const found = this.#brief.onDemand.find(
      ({ when, say }) =>
        when !== "confirmation" &&
        !this.#said.has(say) &&
        when.some((beginning) => words.includes(beginning)),
    );
    return found && this.#once(found.say);
  }

  #introduce(answer: string): string | undefined {
    const { known, unknown } = this.#brief;
    const noMail = /e-?mail/i.test(answer) && unknown !== "" ? unknown : "";
    const words = [known, noMail].filter((part) => part !== "").join(" ");
    // Asked once more, the customer has only the request to repeat.
    return words === "" || this.#said.has(words) ? this.#restate() : this.#once(words);
  }

  #restate(): string | undefined {
    this.#restated += 1;
    return this.#restated > repeats ? undefined : `As I said: ${this.#brief.opening}`;
  }

  #once(words: string): string {
    this.#said.add(words);
    return words;
  }
}

import type { ToolSpec } from "@harnessx/core/plugin";
import { FOLLOWS, GIVES_UP, PICKS_OTHER, REMEMBERS } from "./habits.ts";
import { createRandom } from "./random.ts";
import { find, wantedBy } from "./reader.ts";
import {
  discoveryLink,
  interfaceLink,
  lastSegment,
  longText,
  recallRequest,
  repeatRequest,
} from "./replies.ts";
import type { Attempt, Situation } from "./situation.ts";
import { rankTools, type Choice, type Purpose } from "./tool-choice.ts";

/** A call that the policy makes. */
export interface Move {
  readonly name: string;
  readonly input: Readonly<Record<string, string>>;
}

/** A page that it wants to read, and what was tried to get at it. */
interface Target {
  readonly address: string;
  readonly attempts: readonly Attempt[];
}

/** Makes up its mind about the next call; undefined when there is no tool to answer with. */
export class Decision {
  readonly #situation: Situation;
  readonly #tools: readonly ToolSpec[];
  readonly #random: () => number;
  readonly #curiosity: number;

  constructor(
    situation: Situation,
    tools: readonly ToolSpec[],
    curiosity: number,
    random: () => number,
  ) {
    this.#situation = situation;
    this.#tools = tools;
    this.#curiosity = curiosity;
    this.#random = random;
  }

  next(): Move | undefined {
    const { question, start } = this.#situation;
    const first = this.#target(start);
    const text = this.#textOf(first);
    if (text === undefined) return this.#getAt(first);
    const hop = /^(.*?[.;])\s+(.*\bthat (\w+)\b.*)$/.exec(question);
    if (!hop)
      return this.#answer(find(text, plain(start), question, wantedBy(question), this.#random));
    const [, statement = "", asked = "", kind = ""] = hop;
    const name = find(text, plain(start), statement, "name", this.#steady(text));
    if (name === undefined) return this.#answer(undefined);
    const second = this.#linked(start, name, kind);
    const more = this.#textOf(second);
    if (more === undefined) return this.#getAt(second);
    return this.#answer(find(more, plain(second.address), asked, wantedBy(asked), this.#random));
  }

  /** What it read on the first page it does not read differently at every step. */
  #steady(text: string): () => number {
    // Not from the address, whose port is another one every time.
    let seed = 0;
    for (const letter of this.#situation.question + text)
      seed = (Math.imul(seed, 31) + letter.charCodeAt(0)) | 0;
    return createRandom(seed);
  }

  #target(address: string): Target {
    const page = plain(address);
    const attempts = this.#situation.attempts.filter(({ value }) => plain(value).endsWith(page));
    return { address, attempts };
  }

  /** The page of a name: of two things with one name it tries both. */
  #linked(start: string, name: string, kind: string): Target {
    const to = (title: string): Target =>
      this.#target(start.replace(/[^/]*$/, () => encodeURIComponent(title.replaceAll(" ", "_"))));
    const target = to(name);
    const missing = target.attempts.some(isMissing) && this.#textOf(target) === undefined;
    return missing ? to(`${name} (${kind})`) : target;
  }

  /** The text of a page as far as a reply showed it. */
  #textOf({ attempts }: Target): string | undefined {
    for (const { status, reply, tool } of attempts.toReversed()) {
      if (status !== "ok") continue;
      const read = longText(reply);
      if (read !== undefined) return read;
      if (this.#serves(tool, "read") && !reply.startsWith("<") && reply.length > 120) return reply;
    }
    return undefined;
  }

  #serves(tool: string, purpose: Purpose): boolean {
    return rankTools(this.#tools, purpose).some((choice) => choice.tool === tool);
  }

  /** Tries to get at a page: as before, another way, or not at all. */
  #getAt(target: Target): Move | undefined {
    const raw = rankTools(this.#tools, "raw")[0];
    const known = this.#knownWay(target);
    if (raw && known !== undefined && this.#random() < REMEMBERS) return call(raw, known);
    const exploring = raw && this.#exploration(target);
    if (exploring !== undefined && this.#random() < FOLLOWS) return call(raw!, exploring);
    const failures = target.attempts.filter(({ status }) => status !== "ok").length;
    if (failures > 0) {
      const gives = GIVES_UP[Math.min(failures, GIVES_UP.length) - 1]!;
      if (exploring === undefined && raw && this.#random() < this.#curiosity)
        return call(raw, target.address);
      if (this.#random() < gives) return this.#answer(undefined);
    }
    const failed = (tool: string): number =>
      2.5 * target.attempts.filter((one) => one.tool === tool && one.status !== "ok").length;
    const [best, other] = rankTools(this.#tools, "read", failed);
    const choice = other && this.#random() < PICKS_OTHER ? other : best;
    return choice ? call(choice, target.address) : this.#answer(undefined);
  }

  /** A request that gave it the text of another page, made out for this one. */
  #knownWay(target: Target): string | undefined {
    const { start, attempts } = this.#situation;
    if (target.address === start || target.attempts.length > 0) return undefined;
    const page = lastSegment(start);
    const worked = attempts.find(
      ({ value, status, reply }) =>
        status === "ok" &&
        value.includes("?") &&
        value.endsWith(page) &&
        longText(reply) !== undefined,
    );
    return worked && repeatRequest(worked.value, start, target.address);
  }

  /** The next address to look at, once it has begun to look for another way. */
  #exploration({ address, attempts }: Target): string | undefined {
    const { attempts: all } = this.#situation;
    const shell = attempts.find(({ reply }) => discoveryLink(reply) !== undefined);
    if (!shell) return undefined;
    const link = discoveryLink(shell.reply)!;
    const found = all.find(({ reply }) => interfaceLink(reply) !== undefined);
    if (!found) return all.some(({ value }) => value === link) ? undefined : link;
    const api = interfaceLink(found.reply)!;
    const tried = attempts.filter(({ value }) => value.startsWith(`${api}?`));
    // A page that is not there is not there a second time.
    if (tried.some(isMissing) || tried.length >= 3) return undefined;
    return recallRequest(api, address, this.#random);
  }

  /** Answers; without a value with a guess of the right kind. */
  #answer(value: string | undefined): Move | undefined {
    const tool = rankTools(this.#tools, "answer")[0];
    return tool && call(tool, value ?? this.#guess());
  }

  #guess(): string {
    const wanted = wantedBy(this.#situation.question);
    const at = Math.floor(this.#random() * 800);
    if (wanted === "year") return String(1_150 + at);
    return wanted === "number" ? String(50 + at) : "unknown";
  }
}

const call = ({ tool, argument }: Choice, value: string): Move => ({
  name: tool,
  input: { [argument]: value },
});

/** The end of an address as a name, for comparing. */
const plain = (address: string): string => {
  const last = address.replace(/^.*[/=]/, "");
  try {
    return decodeURIComponent(last).replaceAll("_", " ");
  } catch {
    return last;
  }
};

const isMissing = ({ status, reply }: Attempt): boolean =>
  (status === "error" && !/timed? ?out/i.test(reply)) || /"missing|"missingtitle"/.test(reply);

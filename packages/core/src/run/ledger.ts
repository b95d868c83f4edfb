import type { Limits } from "../manifest/types.ts";
import type { BudgetView } from "../plugin/events.ts";
import type { ExitReason, Totals } from "../plugin/outcome.ts";
import type { Usage } from "../plugin/model.ts";

type BudgetExit = Extract<ExitReason, `budget_${string}`>;

/** What a run has spent and may spend. A subagent's ledger also charges its ancestors'. */
export class Ledger {
  readonly #limits: Required<Limits>;
  readonly #parent: Ledger | undefined;
  readonly #started: number;
  #steps = 0;
  #modelCalls = 0;
  #toolCalls = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  /** Billionths of a dollar: whole numbers, so that sums are exact. */
  #costNano = 0;
  #skippedFaults = 0;

  constructor(limits: Required<Limits>, started: number, parent?: Ledger) {
    this.#limits = limits;
    this.#started = started;
    this.#parent = parent;
  }

  step(): void {
    this.#steps += 1;
  }

  toolCall(): void {
    this.#toolCalls += 1;
    this.#parent?.toolCall();
  }

  skippedFault(): void {
    this.#skippedFaults += 1;
  }

  modelCall(usage: Usage, costUsd: number): void {
    this.#modelCalls += 1;
    this.#inputTokens += usage.input;
    this.#outputTokens += usage.output;
    this.#costNano += Math.round(costUsd * 1e9);
    this.#parent?.modelCall(usage, costUsd);
  }

  /** A subagent's spending that a recording tells of; a live one charges as it goes. */
  child(totals: Totals): void {
    this.#modelCalls += totals.modelCalls;
    this.#toolCalls += totals.toolCalls;
    this.#inputTokens += totals.inputTokens;
    this.#outputTokens += totals.outputTokens;
    this.#costNano += Math.round(totals.costUsd * 1e9);
    this.#parent?.child(totals);
  }

  totals(): Totals {
    return Object.freeze({
      steps: this.#steps,
      modelCalls: this.#modelCalls,
      toolCalls: this.#toolCalls,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      costUsd: this.#costNano / 1e9,
      skippedFaults: this.#skippedFaults,
    });
  }

  /** What is left for the run, the tightest of its own limits and its ancestors'. */
  left(now: number): BudgetView {
    const up = this.#parent?.left(now);
    return Object.freeze({
      steps: this.#limits.maxSteps - this.#steps,
      tokens: Math.min(
        this.#limits.maxTokens - this.#inputTokens - this.#outputTokens,
        up?.tokens ?? Infinity,
      ),
      costUsd: Math.min(this.#limits.maxCostUsd - this.#costNano / 1e9, up?.costUsd ?? Infinity),
      timeMs: Math.min(this.#limits.maxTimeMs - (now - this.#started), up?.timeMs ?? Infinity),
    });
  }

  /** The limit that forbids another step, if any. */
  exhausted(): BudgetExit | undefined {
    if (this.#steps >= this.#limits.maxSteps) return "budget_steps";
    return this.#spent();
  }

  #spent(): BudgetExit | undefined {
    if (this.#inputTokens + this.#outputTokens >= this.#limits.maxTokens) return "budget_tokens";
    if (this.#costNano / 1e9 >= this.#limits.maxCostUsd) return "budget_cost";
    return this.#parent ? this.#parent.#spent() : undefined;
  }
}

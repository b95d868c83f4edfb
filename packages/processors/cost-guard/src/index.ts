import { abort, defineProcessor, replace, type Totals } from "@harnessx/core/plugin";

/** Options of the cost-guard processor; a limit that is absent does not hold. */
export interface CostGuardOptions {
  /** US dollars by the price table of the models file. */
  readonly maxCostUsd?: number;
  /** Input plus output tokens. */
  readonly maxTokens?: number;
  /** Tool calls, refused and failed ones included. */
  readonly maxToolCalls?: number;
  /** Share of a limit at which the model is told once; 1 never tells it. */
  readonly warnAt: number;
  /** Text of the warning with `{used}`, `{limit}` and `{unit}`. */
  readonly warning: string;
}

interface Spending {
  readonly used: number;
  readonly limit: number;
  readonly unit: string;
}

/** Warns the model once near a limit and ends the task at it. */
export default defineProcessor<CostGuardOptions>((run, options) => {
  // A cell, so that a swap in the middle of the task does not warn a second time.
  const warned = run.cell<boolean>("warned", false);

  run.hooks.stepStart.tap("limit", (event) => {
    const tightest = tightestLimit(event.totals, options);
    if (!tightest || tightest.used < tightest.limit) return undefined;
    return abort(fill("{used} of {limit} {unit} are spent.", tightest));
  });

  run.hooks.beforeModel.tap("warn", (event) => {
    if (warned.value || options.warnAt >= 1) return undefined;
    const tightest = tightestLimit(run.state.totals, options);
    if (!tightest || tightest.used < tightest.limit * options.warnAt) return undefined;
    warned.value = true;
    return replace(event.appendUser(fill(options.warning, tightest)));
  });
});

/** The limit of which the largest share is spent. */
function tightestLimit(totals: Totals, options: CostGuardOptions): Spending | undefined {
  const limits: readonly (readonly [used: number, limit: number | undefined, unit: string])[] = [
    [totals.costUsd, options.maxCostUsd, "US dollars"],
    [totals.inputTokens + totals.outputTokens, options.maxTokens, "tokens"],
    [totals.toolCalls, options.maxToolCalls, "tool calls"],
  ];
  let tightest: Spending | undefined;
  for (const [used, limit, unit] of limits) {
    if (limit === undefined) continue;
    if (!tightest || used / limit > tightest.used / tightest.limit)
      tightest = { used, limit, unit };
  }
  return tightest;
}

function fill(template: string, { used, limit, unit }: Spending): string {
  const amounts: Readonly<Record<string, string>> = {
    used: amount(used),
    limit: amount(limit),
    unit,
  };
  return template.replace(/\{(used|limit|unit)\}/g, (_whole, name: string) => amounts[name]!);
}

/** Whole numbers as they are, money to a hundredth of a cent. */
function amount(value: number): string {
  return String(Number(value.toFixed(4)));
}

import { hxError } from "../errors/index.ts";
import type { Limits } from "./types.ts";

/** Every limit with a value; `Infinity` stands for none. */
export type ResolvedLimits = Required<Limits>;

/**
 * What holds where a manifest sets no limit.
 *
 * @example
 * ```ts
 * import { limitDefaults } from "@harnessx/core";
 * limitDefaults.maxSteps; // 50
 * ```
 */
export const limitDefaults: ResolvedLimits = Object.freeze({
  maxSteps: 50,
  maxTokens: Number.POSITIVE_INFINITY,
  maxCostUsd: Number.POSITIVE_INFINITY,
  maxTimeMs: Number.POSITIVE_INFINITY,
  modelTimeoutMs: 120_000,
  toolTimeoutMs: 120_000,
  hookTimeoutMs: 30_000,
  parallelTools: 4,
  maxModelRetries: 3,
  maxResultChars: 30_000,
});

/** True for the name of a limit. */
export const isLimit = (name: string): name is keyof Limits => Object.hasOwn(limitDefaults, name);

/**
 * Fills the defaults of limits, with `Infinity` for none.
 *
 * Limits of a parsed manifest are valid; limits given in code are checked here.
 *
 * @throws HX_RUN_LIMIT_INVALID for an unknown name or a value that is no positive number.
 *
 * @example
 * ```ts
 * import { resolveLimits } from "@harnessx/core";
 * resolveLimits({ maxSteps: 3 }).maxSteps; // 3
 * resolveLimits({ maxSteps: 3 }).maxTokens; // Infinity
 * ```
 */
export function resolveLimits(limits: Limits = {}): ResolvedLimits {
  const resolved: Record<keyof Limits, number> = { ...limitDefaults };
  for (const [name, value] of Object.entries(limits) as [string, unknown][]) {
    if (value === undefined) continue;
    if (!isLimit(name) || typeof value !== "number" || !(value > 0)) {
      throw hxError("HX_RUN_LIMIT_INVALID", { name, value: String(value) });
    }
    resolved[name] = value;
  }
  return Object.freeze(resolved);
}

import { validatorFor } from "@harnessx/core";
import type { Environment, Score } from "@harnessx/core/plugin";
import { aegisError } from "../errors.ts";
import { record, share, text } from "../schema.ts";

const scoreSchema = record(
  { passed: { type: "boolean" }, score: share, reason: text },
  { audit: { type: "boolean" } },
);

/**
 * The score that a suite gave, without anything else that it put there. Throws HX_ROLLOUT_SCORE_INVALID:
 * a number that is none must not reach the statistics.
 */
export function checkScore(suite: string, given: unknown): Score {
  if (typeof given !== "object" || given === null)
    throw aegisError("HX_ROLLOUT_SCORE_INVALID", { suite, problem: "it is no object" });
  const { passed, score, reason, audit } = given as Partial<Score>;
  const kept = { passed, score, reason, ...(audit === undefined ? {} : { audit }) };
  const problem = validatorFor(scoreSchema)(kept);
  if (problem !== undefined) throw aegisError("HX_ROLLOUT_SCORE_INVALID", { suite, problem });
  return kept as Score;
}

/** The environment that a suite opened. Throws HX_ROLLOUT_ENVIRONMENT_INVALID: what it lacks is not the harness's fault. */
export function checkEnvironment(suite: string, given: unknown): Environment {
  const fail = (problem: string) =>
    aegisError("HX_ROLLOUT_ENVIRONMENT_INVALID", { suite, problem });
  if (typeof given !== "object" || given === null) throw fail("it is no object");
  const { tools, observation, score, close } = given as Partial<Environment>;
  if (!Array.isArray(tools)) throw fail("it has no list of tools");
  if (typeof observation !== "string") throw fail("its observation is no text");
  if (typeof score !== "function" || typeof close !== "function")
    throw fail("it cannot be scored or closed");
  return given as Environment;
}

import { createHash } from "node:crypto";
import type { ModelsInput } from "@harnessx/core";
import type { ModelClient, PolicyKind } from "@harnessx/core/plugin";
import { deriveSeed } from "../statistics/random.ts";

/** What makes two rollouts the same one. */
export interface RolloutIdentity {
  /** The suite's `verifier`, not its name: other scoring is another rollout. */
  readonly suite: string;
  /** Hash of the harness. */
  readonly harness: string;
  readonly task: string;
  readonly model: string;
  readonly seed: number;
  readonly repetition: number;
  /** Overridden limits as canonical JSON. */
  readonly limits?: string;
}

/** The id of a rollout: SHA-256 in hexadecimal over what identifies it. */
export function rolloutKey(identity: RolloutIdentity): string {
  const { suite, harness, task, model, seed, repetition, limits = "" } = identity;
  return createHash("sha256")
    .update(JSON.stringify([suite, harness, task, model, seed, repetition, limits]))
    .digest("hex");
}

/**
 * The seed of one episode. It does not depend on the harness: both arms of a comparison meet the
 * same environment and the same stream of model seeds (common random numbers), so that a pair
 * differs by what the harness did and not by the draw.
 */
export function episodeSeed(seed: number, task: string, repetition: number): number {
  return deriveSeed("episode", seed, task, repetition);
}

/** The clients of each role, fallbacks included. */
function clientsOf(models: ModelsInput): [role: string, clients: readonly ModelClient[]][] {
  return Object.entries(models).map(([role, given]) => [
    role,
    "targets" in given ? given.targets.map((target) => target.client) : [given],
  ]);
}

/** Names of the models: the main one alone, or `role=name` for several roles. */
export function modelName(models: ModelsInput): string {
  const named = clientsOf(models).map(
    ([role, clients]) => [role, clients.map((client) => client.id).join("|")] as const,
  );
  if (named.length === 1) return named[0]![1];
  return named
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([role, name]) => `${role}=${name}`)
    .join(",");
}

/** The kind of the model that plays. */
export function policyOf(models: ModelsInput): PolicyKind {
  const { main } = models;
  return "targets" in main ? main.targets[0].client.policy : main.policy;
}

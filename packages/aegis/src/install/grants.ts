import type { LoadedHarness } from "@harnessx/core";
import type { Capabilities } from "@harnessx/core/plugin";
import type { AllowedCapabilities } from "../verify/index.ts";
import { usePath, type Candidate } from "../evolve/index.ts";

/** An entry and what it may touch. */
export interface GrantedEntry {
  readonly id: string;
  readonly capabilities: Capabilities;
}

/** One thing that an entry could not touch before. */
export interface CapabilityGrowth {
  readonly entry: string;
  /** Such as `net:example.org`, `model:small` or `spawn`. */
  readonly capability: string;
}

/** What each entry of a harness may touch. */
export const grantsOf = ({
  processors,
  toolGroups,
}: Pick<LoadedHarness, "processors" | "toolGroups">): GrantedEntry[] =>
  [...processors, ...toolGroups].map(({ id, capabilities }) => ({ id, capabilities }));

/**
 * What a harness may touch that the one it came from may not, entry by entry: an entry is not covered
 * by what another one may do.
 *
 * @example
 * ```ts
 * import { capabilityGrowth } from "@harnessx/aegis";
 * const before = [{ id: "search", capabilities: { net: ["a.example"] } }];
 * const after = [{ id: "search", capabilities: { net: ["a.example", "b.example"] } }];
 * capabilityGrowth(before, after); // [{ entry: "search", capability: "net:b.example" }]
 * ```
 */
export function capabilityGrowth(
  before: readonly GrantedEntry[],
  after: readonly GrantedEntry[],
): CapabilityGrowth[] {
  const had = new Map(before.map(({ id, capabilities }) => [id, new Set(listOf(capabilities))]));
  return after.flatMap(({ id, capabilities }) =>
    listOf(capabilities)
      .filter((capability) => had.get(id)?.has(capability) !== true)
      .map((capability) => ({ entry: id, capability })),
  );
}

/**
 * The same for a candidate that nobody has verified yet: what its packages declare in their
 * package.json, as text. What cannot be read declares nothing, and the verification refuses it.
 */
export function candidateGrowth(
  { edits, packages }: Pick<Candidate, "edits" | "packages">,
  before: readonly GrantedEntry[],
): CapabilityGrowth[] {
  const declared = new Map(packages.map((one) => [usePath(one), declaredIn(one.files)]));
  const after = edits.flatMap((edit): GrantedEntry[] => {
    const entry = edit.op === "insert" ? edit.entry : edit.op === "replace" ? edit.to : undefined;
    const capabilities = entry && "use" in entry ? declared.get(entry.use) : undefined;
    return entry && capabilities ? [{ id: entry.id, capabilities }] : [];
  });
  return capabilityGrowth(before, after);
}

/** What of a growth a policy does not allow. */
export const beyondPolicy = (
  growth: readonly CapabilityGrowth[],
  { net = [], model = [], spawn = false }: AllowedCapabilities = {},
): CapabilityGrowth[] => {
  const allowed = new Set(listOf({ net, model, spawn }));
  return growth.filter(({ capability }) => !allowed.has(capability));
};

/** A policy that allows a growth, too: what the verification of an approved candidate goes by. */
export function allowing(
  allow: AllowedCapabilities,
  growth: readonly CapabilityGrowth[],
): AllowedCapabilities {
  const of = (kind: string): string[] =>
    growth.flatMap(({ capability }) =>
      capability.startsWith(`${kind}:`) ? [capability.slice(kind.length + 1)] : [],
    );
  const both = (own: readonly string[] = [], more: readonly string[]) => [
    ...new Set([...own, ...more]),
  ];
  return {
    ...allow,
    net: both(allow.net, of("net")),
    model: both(allow.model, of("model")),
    spawn: allow.spawn === true || growth.some(({ capability }) => capability === "spawn"),
  };
}

/** Capabilities as a flat list, such as `net:example.org` and `fs.read:./data`. */
function listOf({ net, fs, env, model, spawn, processes }: Capabilities): string[] {
  const lists = { net, "fs.read": fs?.read, "fs.write": fs?.write, env, model };
  return [
    ...Object.entries(lists).flatMap(([kind, list]) => (list ?? []).map((one) => `${kind}:${one}`)),
    ...(spawn === true ? ["spawn"] : []),
    ...(processes === true ? ["processes"] : []),
  ];
}

/** Declared by somebody who is not trusted: only lists of texts are looked at. */
function declaredIn(files: Readonly<Record<string, string>>): Capabilities {
  try {
    const { harnessx } = JSON.parse(files["package.json"] ?? "") as {
      harnessx?: { capabilities?: Record<string, unknown> };
    };
    const { net, fs, env, model, spawn } = harnessx?.capabilities ?? {};
    const { read, write } = (fs ?? {}) as Record<string, unknown>;
    return {
      net: texts(net),
      fs: { read: texts(read), write: texts(write) },
      env: texts(env),
      model: texts(model),
      spawn: spawn === true,
    };
  } catch {
    return {};
  }
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];

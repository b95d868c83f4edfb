import { MAIN } from "./pool.ts";
import type { Tries, Variant } from "./types.ts";

/** Posterior mean of a pass rate that is thought to be anything at first. */
export const rateOf = (tries: Tries | undefined): number =>
  ((tries?.s ?? 0) + 1) / ((tries?.s ?? 0) + (tries?.f ?? 0) + 2);

/** Pass rate over all clusters. */
export function overallRate({ ledger }: Variant): number {
  let s = 0;
  let f = 0;
  for (const tries of Object.values(ledger)) {
    s += tries.s;
    f += tries.f;
  }
  return rateOf({ s, f });
}

/**
 * The variant that plays a cluster: the highest posterior rate among those that were certified for
 * it; the older one where they are equal. A cluster that nobody has played goes to the best overall.
 */
export function route(variants: readonly Variant[], cluster: string): Variant {
  const able = variants.filter(({ scope }) => scope === "all" || scope.includes(cluster));
  const known = able.filter(({ ledger }) => ledger[cluster] !== undefined);
  if (known.length === 0) return best(able.length > 0 ? able : variants, overallRate);
  return best(known, ({ ledger }) => rateOf(ledger[cluster]));
}

function best(variants: readonly Variant[], rate: (variant: Variant) => number): Variant {
  return variants.reduce((first, next) => (rate(next) > rate(first) + 1e-9 ? next : first));
}

/** Which cluster belongs to which variant; frozen for a round before anything of it is known. */
export function routing(
  variants: readonly Variant[],
  clusters: readonly string[],
): ReadonlyMap<string, string> {
  return new Map(clusters.map((cluster) => [cluster, route(variants, cluster).id]));
}

/** What a round works on. */
export interface RoundTarget {
  readonly variant: Variant;
  readonly clusters: readonly string[];
}

/**
 * The variant with the most failures to expect among the tasks that are routed to it. Variants to
 * which nothing is routed are no targets.
 */
export function chooseTarget(
  variants: readonly Variant[],
  routes: ReadonlyMap<string, string>,
  tasks: readonly { readonly cluster: string }[],
): RoundTarget {
  const targets = variants.map((variant) => {
    const clusters = [...routes].filter(([, id]) => id === variant.id).map(([cluster]) => cluster);
    const expected = tasks
      .filter(({ cluster }) => clusters.includes(cluster))
      .reduce((sum, { cluster }) => sum + 1 - rateOf(variant.ledger[cluster]), 0);
    return { variant, clusters: clusters.toSorted(), expected };
  });
  const routed = targets.filter(({ clusters }) => clusters.length > 0);
  const [first, ...rest] = routed;
  if (!first) return { variant: variants[0]!, clusters: [...routes.keys()].toSorted() };
  const { variant, clusters } = rest.reduce(
    (worst, next) => (next.expected > worst.expected + 1e-9 ? next : worst),
    first,
  );
  return { variant, clusters };
}

/** Why a variant leaves the pool. */
export interface Settlement {
  readonly t: "merge" | "retire";
  readonly variant: string;
  readonly into?: string;
  readonly why: string;
}

/** Verdicts that a variant must have lived through before it may be merged for showing no difference. */
const SHARED_BLOCKS = 10;

/**
 * Who leaves the pool: a variant to which nothing is routed any more goes back into its parent; when
 * there are more than `limit`, the one that does worst on the clusters that all have played.
 */
export function settle(
  variants: readonly Variant[],
  clusters: readonly string[],
  limit: number,
): Settlement | undefined {
  const routes = routing(variants, clusters);
  const others = variants.filter(({ id }) => id !== MAIN);
  for (const { id, parent = MAIN, version } of others) {
    const same = variants.find((other) => other.id !== id && other.version === version);
    if (same) return { t: "merge", variant: id, into: same.id, why: "it is the same harness" };
    const unused = ![...routes.values()].includes(id);
    const own = variants.find((one) => one.id === id)!;
    if (unused && shared(own, variants) >= SHARED_BLOCKS)
      return { t: "merge", variant: id, into: parent, why: "nothing is routed to it any more" };
  }
  if (variants.length <= limit) return undefined;
  const common = clusters.filter((cluster) =>
    variants.every(({ ledger }) => ledger[cluster] !== undefined),
  );
  const rate = ({ ledger }: Variant): number =>
    common.reduce((sum, cluster) => sum + rateOf(ledger[cluster]), 0) / Math.max(1, common.length);
  const worst = others.reduce((low, next) => (rate(next) < rate(low) - 1e-9 ? next : low));
  return { t: "retire", variant: worst.id, why: `the pool holds at most ${limit}` };
}

/** Trials of a variant's rarest cluster that its parent has played too. */
function shared(variant: Variant, variants: readonly Variant[]): number {
  const parent = variants.find(({ id }) => id === (variant.parent ?? MAIN));
  const counts = Object.entries(variant.ledger)
    .filter(([cluster]) => parent?.ledger[cluster] !== undefined)
    .map(([, { s, f }]) => s + f);
  return counts.length === 0 ? 0 : Math.min(...counts);
}

import { loadHarness, parseManifest, serializeManifest } from "@harnessx/core";
import type { LoadedHarness } from "@harnessx/core";
import { join } from "node:path";
import { writeArtefact } from "../artefacts.ts";
import { aegisError } from "../errors.ts";
import type { JournalEvent } from "../journal/index.ts";
import { MAIN, routing, settle, variantsOf, type Variant } from "../variants/index.ts";
import { resolvePolicy } from "../gate/index.ts";
import type { Certified } from "./certify.ts";
import { type Session } from "./session.ts";

/** Where a workspace says which harness plays which cluster. */
export const VARIANTS = ".harnessx/variants.json";

/** The harness of a variant, which either this run has loaded already or the journal holds. */
export async function loadVariant(session: Session, variant: Variant): Promise<LoadedHarness> {
  const { options, harnesses, journal } = session;
  const known = harnesses.get(variant.version);
  if (known) return known;
  const { dir, open } = options;
  const manifest = parseManifest(JSON.parse(manifestOf(journal.events, variant)));
  const harness = await loadHarness(manifest, {
    root: dir,
    lock: false,
    ...(open ? { open } : {}),
  });
  if (harness.hash !== variant.version)
    throw aegisError("HX_AEGIS_STORE_CORRUPT", { package: `variant ${variant.id}` });
  harnesses.set(harness.hash, harness);
  return harness;
}

function manifestOf(events: readonly JournalEvent[], { id, version }: Variant): string {
  const made = events.findLast(
    (event) => event.t === "fork" && event.variant === id && event.version === version,
  );
  return made?.t === "fork" ? made.manifest : "{}";
}

/** Records a harness of its own for the clusters for which it was certified. */
export function fork(
  { journal }: Session,
  parent: Variant,
  { id: verdict, verdict: { decision, reason, scope = [] }, stack }: Certified,
): { readonly variant: string; readonly version: string; readonly scope: readonly string[] } {
  const forks = new Set(
    journal.events.flatMap((event) => (event.t === "fork" ? [event.variant] : [])),
  );
  // Certified on everything that is routed to it, a variant is replaced and keeps its name.
  const replaced = decision === "APPLY";
  const variant = replaced ? parent.id : `variant-${forks.size + 1}`;
  const clusters = replaced && parent.scope !== "all" ? parent.scope : scope;
  const version = stack.harness.hash;
  journal.append({
    t: "fork",
    variant,
    version,
    parent: parent.id,
    scope: clusters,
    manifest: serializeManifest(stack.harness.manifest),
    verdict,
    why: reason,
  });
  return { variant, version, scope: clusters };
}

/** Lets variants go that are not needed or that there is no room for, and writes down who plays what. */
export async function settleVariants(session: Session): Promise<void> {
  const { journal, options, train } = session;
  const clusters = clustersOf(session);
  const { pool } = resolvePolicy(options.policy);
  // Never more variants than there are clusters to play.
  const limit = Math.min(pool, Math.max(1, new Set(train.map(({ cluster }) => cluster)).size));
  for (;;) {
    const change = settle(variantsOf(journal.events), clusters, limit);
    if (!change) break;
    const { variant, why } = change;
    if (change.t === "merge")
      journal.append({ t: "merge", variant, into: change.into ?? MAIN, why });
    else journal.append({ t: "retire", variant, why });
  }
  const variants = variantsOf(journal.events);
  if (variants.length === 1 && !journal.events.some(({ t }) => t === "fork")) return;
  await writeArtefact(join(options.dir, VARIANTS), {
    v: 1,
    default: MAIN,
    routes: Object.fromEntries(routing(variants, clusters)),
    variants: Object.fromEntries(
      variants
        .filter(({ id }) => id !== MAIN)
        .map((variant) => [
          variant.id,
          {
            version: variant.version,
            scope: variant.scope,
            manifest: JSON.parse(manifestOf(journal.events, variant)) as unknown,
          },
        ]),
    ),
  });
}

/** The clusters of the train tasks, in order. */
export const clustersOf = ({ train }: Session): string[] =>
  [...new Set(train.map(({ cluster }) => cluster))].toSorted();

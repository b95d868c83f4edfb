import { fc } from "@fast-check/vitest";
import {
  canonicalManifest,
  diff,
  hashManifest,
  parseManifest,
  type Manifest,
  type ManifestEdit,
  type ManifestResult,
  type ProcessorEntry,
  type ToolsEntry,
} from "../../src/manifest/index.ts";

// `FC_RUNS=5000 npx vitest run packages/core/test/manifest` searches longer for a counterexample.
if (process.env["FC_RUNS"]) fc.configureGlobal({ numRuns: Number(process.env["FC_RUNS"]) });

/** Few ids, so that two manifests share some of them. */
export const ids = ["a", "b", "c", "d.e", "f-g", "h_i", "j0"] as const;

const json = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => !/__proto__|constructor|prototype/.test(JSON.stringify(value)));

/** Mostly few values, so that entries of two manifests are often equal, sometimes anything. */
const options = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom({}, { window: 1 }, { window: 2 }, { b: 1, a: [null] }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.stringMatching(/^[a-z$ "/~é]{1,4}$/), json, { maxKeys: 3 }),
  },
);
const absent = fc.constant(undefined);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof(absent, arbitrary);
const names = fc.uniqueArray(fc.constantFrom(...ids, "@x/pack", "group"), { maxLength: 2 });

const processor = (id: string): fc.Arbitrary<ProcessorEntry> =>
  fc
    .record({
      use: fc.constantFrom("plain-package", "@x/pack", "inline:shout", "./plugins/x", "../up"),
      options: maybe(options),
      stage: maybe(fc.constantFrom(-100, 0, 100)),
      before: maybe(names),
      after: maybe(names),
      onError: maybe(fc.constantFrom("fail" as const, "skip" as const)),
    })
    .map((rest) => ({ id, ...rest }) as ProcessorEntry);

const mcp = fc.oneof(
  fc.record({
    command: fc.constantFrom("npx", "node"),
    args: maybe(fc.constantFrom([], ["-y", "server"])),
    env: maybe(fc.constantFrom({}, { HOME: "/tmp" }, { API_KEY: { env: "API_KEY" } })),
    cwd: maybe(fc.constant(".")),
  }),
  fc.record({
    url: fc.constantFrom("https://example.org/mcp", "http://localhost:8080"),
    headers: maybe(
      fc.constantFrom({}, { Authorization: { env: "AUTH" } }, { Accept: "text/plain" }),
    ),
  }),
);

const tools = (id: string): fc.Arbitrary<ToolsEntry> =>
  fc.oneof(
    fc
      .record({ use: fc.constantFrom("fs-tools", "./tools"), options: maybe(options) })
      .map((rest) => ({ id, ...rest }) as ToolsEntry),
    fc.record({ mcp, options: maybe(options) }).map((rest) => ({ id, ...rest }) as ToolsEntry),
  );

const limits = fc.record(
  {
    maxSteps: fc.constantFrom(50, 9),
    maxTokens: fc.constantFrom(1000, 2000),
    maxCostUsd: fc.constantFrom(0.5, 1),
    hookTimeoutMs: fc.constantFrom(30_000, 5),
    parallelTools: fc.constantFrom(4, 1),
  },
  { requiredKeys: [] },
);

const slots = fc.dictionary(
  fc.constantFrom("workspace", "memory", "toString", "x/y"),
  fc.oneof(fc.constantFrom<unknown>({ root: "." }, 1, null, false), json),
  { maxKeys: 3 },
);

/** Any valid manifest, parsed. */
export const manifests: fc.Arbitrary<Manifest> = fc
  .record({
    $schema: maybe(fc.constant("./harness.schema.json")),
    name: fc.constantFrom("shopper", "mailer"),
    version: fc.constantFrom("1", "2"),
    sections: fc
      .shuffledSubarray([...ids])
      .chain((chosen) => fc.tuple(fc.constant(chosen), fc.nat({ max: chosen.length })))
      .chain(([chosen, cut]) =>
        fc.record({
          processors: fc.tuple(...chosen.slice(0, cut).map(processor)),
          tools: fc.tuple(...chosen.slice(cut).map(tools)),
        }),
      ),
    slots: maybe(slots),
    limits: maybe(limits),
  })
  .map(({ sections, ...rest }) => parseManifest({ ...rest, ...sections }));

/** A manifest and another one that differs from it by some edits. */
export const pairs = fc.tuple(manifests, manifests);

/** An edit that can be made on `manifest`, of any kind. */
export const editOn = (manifest: Manifest): fc.Arbitrary<ManifestEdit> =>
  manifests
    .map((other) => [...singleEdits(manifest, other)])
    .filter((edits) => edits.length > 0)
    .chain((edits) => fc.constantFrom(...edits));

/** What of `diff` can be done alone, and a few more: every edit here applies to `manifest` itself. */
function* singleEdits(manifest: Manifest, other: Manifest): Iterable<ManifestEdit> {
  for (const edit of diff(manifest, other)) {
    if (edit.op !== "insert" && edit.op !== "reorder") yield edit;
  }
  const used = new Set(
    [...(manifest.processors ?? []), ...(manifest.tools ?? [])].map((e) => e.id),
  );
  for (const section of ["processors", "tools"] as const) {
    const present = (manifest[section] ?? []).map((entry) => entry.id);
    for (const [index, entry] of (other[section] ?? []).entries()) {
      if (used.has(entry.id)) continue;
      const after = index % (present.length + 1);
      yield { op: "insert", section, after: present[after - 1] ?? null, entry };
    }
    const free = ids.find((id) => !used.has(id));
    for (const from of free ? (manifest[section] ?? []) : []) {
      yield { op: "replace", section, from, to: { ...from, id: free! } };
    }
    if (present.length > 1) {
      yield { op: "reorder", section, from: present, to: [...present].reverse() };
    }
  }
}

/** The hash of a manifest without any facts. */
export const hash = (manifest: Manifest): string => hashManifest(canonicalManifest(manifest));

/** The manifest of a result that must have one. */
export function good(result: ManifestResult): Manifest {
  if (!result.ok) throw new Error(JSON.stringify(result.conflicts));
  return result.manifest;
}

/** The kinds of the conflicts of a result; empty when there is none. */
export const kinds = (result: ManifestResult): readonly string[] =>
  result.ok ? [] : result.conflicts.map((one) => one.kind);

/** Runs something that must throw and returns the error's code, message, hint and details. */
export async function errorOf(run: () => unknown): Promise<{
  code: string;
  message: string;
  hint: string;
  details: Record<string, unknown>;
}> {
  try {
    await run();
  } catch (thrown) {
    return thrown as never;
  }
  throw new Error("nothing was thrown");
}

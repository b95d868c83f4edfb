import { count, document, listOf, mapOf, number, record, share, text } from "../schema.ts";
import { QUOTE_LIMIT } from "./evidence.ts";
import { failureCategories } from "./taxonomy.ts";

export const evidenceSchema = record({
  trace: text,
  seq: count,
  quote: { type: "string", maxLength: QUOTE_LIMIT },
});

const budget = record({
  inputTokens: number,
  peak: number,
  growth: number,
  truncated: number,
  bursts: number,
});
const category = { enum: [...failureCategories] };
const evidence = listOf(evidenceSchema);
const outcomes = record({ pass: count, fail: count, infra: count });
const toolArgument = record({ tool: text, argument: text });
const move = record({ tool: text, thing: text, place: text });

const places = record({
  visit: toolArgument,
  look: listOf(toolArgument),
  names: text,
  empty: listOf(text),
  hidden: listOf(record({ reply: text, tool: text, kinds: listOf(text), followed: share })),
  taking: listOf(move),
  placing: listOf(move),
  revisits: record({ failing: share, passing: share }),
  evidence,
});

const navigation = record({
  tools: listOf(text),
  follow: record({ tool: text, argument: text, pattern: text }),
  lines: count,
  tolerated: count,
  beyond: record({ failing: share, passing: share }),
  followed: record({ failing: share, passing: share }),
  finish: listOf(text),
  evidence,
});

const episodesShare = record({ pass: count, episodes: count });

const replacement = record({
  tool: text,
  arguments: listOf(text),
  calls: count,
  failures: count,
  source: toolArgument,
  template: text,
  origins: listOf(text),
  content: listOf(text),
  support: record({ calls: count, tasks: count, confirmed: count }),
  contrast: record({ used: episodesShare, unused: episodesShare }),
  evidence,
});

const procedure = record(
  {
    cluster: text,
    words: listOf(text),
    steps: listOf(record({ tool: text }, { object: text, with: text, at: text })),
    decisive: record({ tool: text, passing: share, failing: share }),
    passing: count,
    failing: count,
    evidence,
  },
  { visit: text },
);

/** JSON Schema of a `Digest`. */
export const digestSchema = document(
  "Digest of a round's rollouts",
  record(
    {
      v: { const: 1 },
      harness: text,
      rollouts: outcomes,
      clusters: listOf(record({ id: text, tasks: listOf(text), pass: count, fail: count })),
      exits: mapOf(count),
      steps: record({ pass: number, fail: number }),
      tools: listOf(
        record(
          { tool: text, calls: count, errors: count, noEffect: count, repeats: count },
          { unused: count },
        ),
      ),
      noEffect: listOf(text),
      processors: mapOf(record({ ran: count, acted: count }, { changes: mapOf(count) })),
      categories: listOf(
        record({ category, episodes: count, share, tasks: listOf(text), evidence }),
      ),
      tasks: listOf(
        record(
          {
            task: text,
            cluster: text,
            trials: outcomes,
            status: { enum: ["SOLVED", "FLAKY", "FAILED"] },
            lcb: share,
            evidence,
          },
          {
            failure: record({ category, strength: share, components: listOf(text) }),
            contrast: record(
              { passTrace: text, failTrace: text, divergeCall: count },
              { passCall: text, failCall: text },
            ),
          },
        ),
      ),
      mined: record(
        { procedures: listOf(procedure) },
        {
          places,
          repetition: record({
            tolerated: count,
            beyond: record({ failing: share, passing: share }),
            tools: listOf(text),
            evidence,
          }),
          navigation,
          replacements: listOf(replacement),
          offered: record({
            tools: listOf(text),
            called: record({ failing: share, passing: share }),
            errors: share,
            evidence,
          }),
          reward: record({ mean: share, partial: record({ rollouts: count, mean: share }) }),
          usual: record({ kinds: listOf(record({ thing: text, places: listOf(text) })), evidence }),
        },
      ),
      actionability: share,
    },
    {
      budget: record({ pass: budget, fail: budget }),
      claims: listOf(record({ claim: text, evidence })),
    },
  ),
);

import type { Manifest } from "@harnessx/core";
import type { Dimension } from "@harnessx/core/plugin";
import type { Digest } from "../digest/index.ts";
import { groupBy } from "../statistics/group.ts";
import type { Beta } from "../statistics/index.ts";
import type { Attempt, Direction, Landscape, Pathology } from "./types.ts";

/** Which dimensions can answer a pathology, the most direct one first. */
const answers: Readonly<Record<Pathology, readonly Dimension[]>> = {
  forgets_places: ["memory", "context"],
  navigation_loop: ["control", "context"],
  tool_unusable: ["tools", "environment"],
  follow_up_missing: ["control", "context"],
  order_of_search: ["context", "memory"],
  procedure_incomplete: ["context", "control"],
  repeat_without_progress: ["control", "memory", "context"],
  tool_effect_missing: ["context", "tools", "control"],
  error_ignored: ["control", "context"],
  tool_timeout: ["environment", "tools"],
  silent_drop: ["control", "model"],
  hallucinated_reference: ["memory", "context", "tools"],
  missing_capability: ["tools"],
  budget_starvation: ["memory", "context", "control"],
  rule_violation: ["control", "context"],
  brittle_final_answer: ["control", "evaluation"],
  burst_loop: ["control"],
  premature_stop: ["control", "evaluation", "context"],
  other: ["context"],
};

const ENTROPY_ALERT = 0.35;
const WINDOW = 6;
const DIMENSIONS = 9;

/** Draws the landscape of a round from the digest, the present manifest and what was tried before. */
export function plan(
  digest: Digest,
  manifest: Manifest,
  history: readonly Attempt[],
  round: number,
): Landscape {
  const pathologies = findPathologies(digest);
  const entropy = entropyOf(history);
  const alerts = alertsOf(history, entropy);
  const untried = pathologies.flatMap(({ id }) =>
    answers[id]
      .filter(
        (dimension) =>
          !history.some((attempt) => attempt.dimension === dimension && attempt.pathology === id),
      )
      .map((dimension) => ({ dimension, pathology: id })),
  );
  return {
    v: 1,
    round,
    clusters: digest.clusters.map(({ id, tasks }) => ({
      id,
      tasks,
      routeFeatures: digest.mined.procedures.find(({ cluster }) => cluster === id)?.words ?? [],
    })),
    pathologies,
    tried: triedOf(history),
    untried,
    entropy,
    reputation: reputationOf(history),
    alerts,
    directions: directionsOf(pathologies, history, manifest, alerts.length > 0),
  };
}

/** Pathologies by the gain that curing them could bring at most, in points of pass rate. */
function findPathologies(digest: Digest): Landscape["pathologies"] {
  const { pass, fail } = digest.rollouts;
  const total = pass + fail;
  const points = (failures: number): number => (total === 0 ? 0 : (100 * failures) / total);
  const failed = digest.tasks.filter(({ trials }) => trials.fail > 0);
  const found: { id: Pathology; tasks: readonly string[]; expectedGain: number }[] =
    digest.categories.map(({ category, episodes, tasks }) => ({
      id: category,
      tasks,
      expectedGain: points(episodes) / 2,
    }));
  const { places, procedures, usual, navigation, replacements = [] } = digest.mined;
  if (places && places.revisits.failing > 0.1) {
    // Visits that were no news are steps that failing runs lacked.
    found.push({
      id: "forgets_places",
      tasks: failed.map(({ task }) => task),
      expectedGain: points(fail) * places.revisits.failing,
    });
  }
  const shut = places?.hidden[0];
  if (shut && shut.followed < 0.8) {
    // What failing runs did not look into may be where what they lacked was.
    found.push({
      id: "follow_up_missing",
      tasks: failed.map(({ task }) => task),
      expectedGain: (points(fail) * (1 - shut.followed)) / 3,
    });
  }
  if (navigation) {
    // Runs that went on and on never came to act on what they had seen.
    found.push({
      id: "navigation_loop",
      tasks: failed.map(({ task }) => task),
      expectedGain: points(fail) * (navigation.beyond.failing - navigation.beyond.passing),
    });
  }
  if (replacements.length > 0) {
    // Runs that knew another way passed more often: the others may, too.
    const gains = replacements.map(({ contrast: { used, unused } }) => {
      const better = used.pass / used.episodes - unused.pass / Math.max(1, unused.episodes);
      return points(Math.min(fail, unused.episodes - unused.pass)) * better;
    });
    found.push({
      id: "tool_unusable",
      tasks: failed.map(({ task }) => task),
      expectedGain: Math.max(...gains),
    });
  }
  if (usual)
    found.push({
      id: "order_of_search",
      tasks: failed.map(({ task }) => task),
      expectedGain: points(fail) / 4,
    });
  const incomplete = procedures.filter(
    ({ decisive }) => decisive.passing - decisive.failing >= 0.2,
  );
  if (incomplete.length > 0) {
    const clusters = new Set(incomplete.map(({ cluster }) => cluster));
    const own = failed.filter(({ cluster }) => clusters.has(cluster));
    const failures = own.reduce((sum, { trials }) => sum + trials.fail, 0);
    found.push({
      id: "procedure_incomplete",
      tasks: own.map(({ task }) => task),
      expectedGain: points(failures) / 3,
    });
  }
  return found.toSorted((a, b) => b.expectedGain - a.expectedGain || (a.id < b.id ? -1 : 1));
}

function directionsOf(
  pathologies: Landscape["pathologies"],
  history: readonly Attempt[],
  manifest: Manifest,
  alarmed: boolean,
): Direction[] {
  const directions = pathologies.flatMap(({ id, expectedGain }) =>
    answers[id].map((dimension, rank): Direction => {
      const before = history.filter(
        (attempt) => attempt.dimension === dimension && attempt.pathology === id,
      );
      // A second answer to a pathology is worth less than the first, and a refuted one less again.
      const worth =
        expectedGain *
        0.7 ** rank *
        0.5 ** before.filter(({ outcome }) => outcome !== "certified").length;
      const structural = !["model", "training"].includes(dimension);
      return { dimension, pathology: id, expectedGain: worth, structural, mandatory: false };
    }),
  );
  const sorted = directions.toSorted(
    (a, b) =>
      b.expectedGain - a.expectedGain ||
      (`${a.dimension} ${a.pathology}` < `${b.dimension} ${b.pathology}` ? -1 : 1),
  );
  // The best structural direction that was never tried is always among the first; under an alert it must be taken.
  const fresh = sorted.find(
    (direction) =>
      direction.structural &&
      !history.some(
        (attempt) =>
          attempt.dimension === direction.dimension && attempt.pathology === direction.pathology,
      ),
  );
  if (!fresh) return sorted;
  const bare = (manifest.processors ?? []).length === 0;
  return [
    { ...fresh, mandatory: alarmed || bare },
    ...sorted.filter((direction) => direction !== fresh),
  ];
}

function triedOf(history: readonly Attempt[]): Landscape["tried"] {
  return [
    ...groupBy(history, ({ dimension, pathology }) => `${dimension} ${pathology}`).values(),
  ].map((group) => ({
    dimension: group[0]!.dimension,
    pathology: group[0]!.pathology,
    n: group.length,
    certified: group.filter(({ outcome }) => outcome === "certified").length,
    refuted: group.filter(({ outcome }) => outcome === "refuted").length,
  }));
}

const decided = (history: readonly Attempt[]): readonly Attempt[] =>
  history.filter(({ outcome }) => outcome === "certified" || outcome === "refuted").slice(-WINDOW);

function entropyOf(history: readonly Attempt[]): number {
  const recent = decided(history);
  if (recent.length === 0) return 1;
  let entropy = 0;
  for (const group of groupBy(recent, ({ dimension }) => dimension).values()) {
    const p = group.length / recent.length;
    entropy -= p * Math.log(p);
  }
  return entropy / Math.log(DIMENSIONS);
}

function alertsOf(history: readonly Attempt[], entropy: number): string[] {
  const alerts: string[] = [];
  if (decided(history).length >= WINDOW && entropy < ENTROPY_ALERT)
    alerts.push("edits are all of one kind");
  const ships = history.filter(({ outcome }) => outcome === "certified").slice(-4);
  if (
    ships.length === 4 &&
    [...groupBy(ships, ({ dimension }) => dimension).values()].some((group) => group.length >= 3)
  ) {
    alerts.push("three of the last four ships share a dimension");
  }
  return alerts;
}

function reputationOf(history: readonly Attempt[]): Landscape["reputation"] {
  const reputation: Partial<Record<Dimension, Beta>> = {};
  for (const { dimension, outcome } of decided(history)) {
    const { a, b } = reputation[dimension] ?? { a: 1, b: 1 };
    reputation[dimension] = {
      a: 0.9 * a + (outcome === "certified" ? 1 : 0),
      b: 0.9 * b + (outcome === "refuted" ? 1 : 0),
    };
  }
  return reputation;
}

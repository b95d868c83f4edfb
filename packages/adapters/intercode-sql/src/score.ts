/**
 * How close the agent's rows are to the gold rows, each row given as a text: in [-1, 1], rounded to
 * two places.
 *
 * Multiset intersection over union, times Kendall's tau-b between the common rows in the agent's
 * order and in the gold order, when that is a number. Two empty results agree.
 */
export function scoreRows(agent: readonly string[], gold: readonly string[]): number {
  const goldCounts = countsOf(gold);
  const common = take(agent, goldCounts);
  const union = agent.length + gold.length - common.length;
  if (union === 0) return 1;
  const overlap = common.length / union;
  const tau = kendallTau(common, take(gold, countsOf(common)));
  return round(Number.isNaN(tau) ? overlap : overlap * tau);
}

function countsOf(rows: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
  return counts;
}

/** The rows that `counts` has, in their order, each as often as it has them; uses `counts` up. */
function take(rows: readonly string[], counts: Map<string, number>): string[] {
  return rows.filter((row) => {
    const left = counts.get(row) ?? 0;
    counts.set(row, left - 1);
    return left > 0;
  });
}

/** To two places as Python does it: the eighths, which lie exactly half-way, go to the even digit. */
function round(value: number): number {
  const hundredths = value * 100;
  const down = Math.floor(hundredths);
  const isTie = Number.isInteger(value * 8) && hundredths - down === 0.5;
  if (isTie) return (down % 2 === 0 ? down : down + 1) / 100;
  return Number(value.toFixed(2)) + 0;
}

/**
 * Tau-b of two lists with the same items, compared place by place by alphabetical rank; NaN when no
 * pair differs. Both lists have the same ties, so the root of the two corrections is either one.
 */
export function kendallTau(first: readonly string[], second: readonly string[]): number {
  const rank = ranksOf(first);
  const pairs = first.map((row, index) => ({
    x: rank.get(row) ?? 0,
    y: rank.get(second[index] ?? "") ?? 0,
  }));
  pairs.sort((a, b) => a.x - b.x || a.y - b.y);
  const total = choose2(pairs.length);
  const tiedX = tied(pairs.map(({ x }) => x));
  if (total === tiedX) return Number.NaN;
  const tiedBoth = tied(pairs.map(({ x, y }) => x * pairs.length + y));
  const ys = pairs.map(({ y }) => y);
  const discordant = countInversions(ys);
  const tiedY = tied(ys.sort((a, b) => a - b));
  return (total - tiedX - tiedY + tiedBoth - 2 * discordant) / (total - tiedX);
}

function ranksOf(rows: readonly string[]): Map<string, number> {
  const sorted = [...new Set(rows)].toSorted((a, b) => (a < b ? -1 : 1));
  return new Map(sorted.map((row, index) => [row, index]));
}

const choose2 = (count: number): number => (count * (count - 1)) / 2;

/** Pairs of equal numbers in a sorted list. */
function tied(sorted: readonly number[]): number {
  let pairs = 0;
  let run = 0;
  for (let i = 1; i < sorted.length; i += 1) {
    run = sorted[i] === sorted[i - 1] ? run + 1 : 0;
    pairs += run;
  }
  return pairs;
}

/** Pairs in falling order, by merge sort. */
function countInversions(values: readonly number[]): number {
  if (values.length < 2) return 0;
  let from = [...values];
  let to = [...values];
  let inversions = 0;
  for (let width = 1; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length);
      const end = Math.min(start + 2 * width, from.length);
      let [left, right] = [start, middle];
      for (let place = start; place < end; place += 1) {
        const takeLeft = left < middle && (right >= end || from[left]! <= from[right]!);
        if (!takeLeft) inversions += middle - left;
        to[place] = from[takeLeft ? left++ : right++]!;
      }
    }
    [from, to] = [to, from];
  }
  return inversions;
}

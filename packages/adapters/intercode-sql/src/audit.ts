/*
 * A second, deliberately plain reading of the rule of scoring. It shares no code with `score.ts`:
 * rows are crossed off one by one, and Kendall's tau-b counts all pairs. A fault in either then
 * shows as a disagreement.
 */

/** The score of the agent's rows against the gold rows, each row given as a text; not rounded. */
export function auditRows(agent: readonly string[], gold: readonly string[]): number {
  const open = [...gold];
  const common: string[] = [];
  for (const row of agent) {
    const place = open.indexOf(row);
    if (place === -1) continue;
    open.splice(place, 1);
    common.push(row);
  }
  const rest = [...common];
  const commonInGold: string[] = [];
  for (const row of gold) {
    const place = rest.indexOf(row);
    if (place === -1) continue;
    rest.splice(place, 1);
    commonInGold.push(row);
  }
  const union = common.length + open.length + (agent.length - common.length);
  if (union === 0) return 1;
  const tau = pairwiseTau(common, commonInGold);
  return (common.length / union) * (tau ?? 1);
}

/** Undefined when one of the lists holds nothing but equal rows. */
function pairwiseTau(first: readonly string[], second: readonly string[]): number | undefined {
  let agreeing = 0;
  let [differingX, differingY] = [0, 0];
  for (let i = 0; i < first.length; i += 1) {
    for (let j = i + 1; j < first.length; j += 1) {
      const x = order(first[i]!, first[j]!);
      const y = order(second[i]!, second[j]!);
      agreeing += x * y;
      differingX += Math.abs(x);
      differingY += Math.abs(y);
    }
  }
  if (differingX === 0 || differingY === 0) return undefined;
  return agreeing / Math.sqrt(differingX * differingY);
}

const order = (a: string, b: string): -1 | 0 | 1 => (a < b ? -1 : a > b ? 1 : 0);

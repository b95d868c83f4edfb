import { plainName } from "./scalars.ts";

/** Words that some models put before the name of a tool. */
const prefix = /^(?:functions?|tools?|default_api)[.:/]/i;

/** Shorter names are too easily one letter apart. */
const minNearChars = 5;

/** The offered tool that a name means; undefined when none or more than one can be meant. */
export function toolMeant(
  name: string,
  offered: readonly string[],
  maxDistance: number,
): string | undefined {
  const wanted = plainName(name.trim().replace(prefix, ""));
  if (wanted === "") return undefined;
  const equal = offered.filter((other) => plainName(other) === wanted);
  if (equal.length > 0) return equal.length === 1 ? equal[0] : undefined;
  if (maxDistance === 0 || wanted.length < minNearChars) return undefined;
  const near = offered.filter((other) => isNear(wanted, plainName(other), maxDistance));
  return near.length === 1 ? near[0] : undefined;
}

/**
 * Whether one name can be a slip of the other. The first letter and all digits must be right: get and
 * set, or v1 and v2, are different tools.
 */
function isNear(a: string, b: string, maxDistance: number): boolean {
  if (a[0] !== b[0] || Math.abs(a.length - b.length) > maxDistance) return false;
  if (b.length < minNearChars || digits(a) !== digits(b)) return false;
  return distance(a, b) <= maxDistance;
}

function digits(name: string): string {
  return name.replace(/\D+/g, "");
}

/** Letters to insert, remove, change or swap with their neighbour. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, before[j - 2]! + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}

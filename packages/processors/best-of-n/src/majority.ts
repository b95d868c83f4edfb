/** Makes what is compared of an answer. Throws for an invalid pattern. */
export function comparable(pattern: string | undefined): (answer: string) => string {
  const expression = pattern === undefined ? undefined : new RegExp(pattern, "u");
  return (answer) => {
    const found = expression?.exec(answer)?.[1] ?? answer;
    return found
      .toLowerCase()
      .replace(/\s+/gu, " ")
      .trim()
      .replace(/[.!]+$/u, "");
  };
}

/** The index of the first of the most frequent answers, and how many say the same. */
export function majority(keys: readonly string[]): {
  readonly index: number;
  readonly votes: number;
} {
  let best = { index: 0, votes: 0 };
  for (const [index, key] of keys.entries()) {
    const votes = keys.filter((other) => other === key).length;
    // The model's own answer is the first: a tie leaves it in place.
    if (votes > best.votes) best = { index, votes };
  }
  return best;
}

/** Whether no further answers up to `n` can change the majority. */
export function isDecided(keys: readonly string[], n: number): boolean {
  const left = n - keys.length;
  const { index: winner, votes } = majority(keys);
  // At a tie the one that came first stays: an earlier one wins by catching up, a later one does not.
  const isSafe = keys.every((key, index) => {
    if (key === keys[winner]) return true;
    const most = keys.filter((other) => other === key).length + left;
    return keys.indexOf(key) === index && index < winner ? votes > most : votes >= most;
  });
  return isSafe && votes >= left;
}

const tails = new Map<string, Promise<unknown>>();

/** Does `work` after everything else of this process that has the same key. */
export function inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  const next = (tails.get(key) ?? Promise.resolve()).then(work, work);
  const settled: Promise<unknown> = next.then(
    () => forget(key, settled),
    () => forget(key, settled),
  );
  tails.set(key, settled);
  return next;
}

function forget(key: string, settled: Promise<unknown>): void {
  if (tails.get(key) === settled) tails.delete(key);
}

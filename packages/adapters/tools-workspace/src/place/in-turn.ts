const last = new Map<string, Promise<unknown>>();

/**
 * Does work on one workspace after what was asked for before: the calls of a step run at the same
 * time, and two edits of a file would each undo the other.
 */
export async function inTurn<Result>(root: string, work: () => Promise<Result>): Promise<Result> {
  const before = last.get(root);
  const mine = (before ?? Promise.resolve()).then(work, work);
  last.set(root, mine);
  try {
    return await mine;
  } finally {
    if (last.get(root) === mine) last.delete(root);
  }
}

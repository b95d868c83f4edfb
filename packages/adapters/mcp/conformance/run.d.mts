/** The requirement sets of the revisions that the client speaks. */
export const REVISIONS: readonly string[];

/** Runs one requirement set, or one scenario of it; gives exit code and output. */
export function conformance(
  revision: string,
  scenario?: string,
): Promise<{ readonly code: number | null; readonly output: string }>;

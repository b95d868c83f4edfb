/* Where things lie within a workspace. */

/** The journal's place within a workspace. */
export const JOURNAL = ".harnessx/evolution/journal.jsonl";

/** Every manifest that was installed, with its lock, each in a folder of its own. */
export const GENERATIONS = ".harnessx/generations";

/** Signed statements about the packages of the store. */
export const ATTESTATIONS = ".harnessx/attestations";

/** Public keys of those who signed here; what is trusted lies outside the workspace. */
export const KEYS = ".harnessx/keys";

/** Packages that must not run, each with the reason beside it. */
export const QUARANTINE = ".harnessx/quarantine";

/** What candidates ask for that no policy allows them. */
export const APPROVALS = ".harnessx/approvals";

/** Held by the process that changes the workspace. */
export const WORKSPACE_LOCK = ".harnessx/workspace.lock";

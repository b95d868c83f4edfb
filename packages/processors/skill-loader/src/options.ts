/** Options of the skill-loader processor. */
export interface SkillLoaderOptions {
  /** Folders with a folder for each skill, relative to the workspace. */
  readonly dirs: readonly string[];
  /** Most skills to list: the ones that fit the task best. */
  readonly topK: number;
  /** Names of skills whose text is always shown. */
  readonly enabled: readonly string[];
  /** Most texts to show at once besides the enabled ones; the oldest goes first. */
  readonly maxLoaded: number;
  /** Largest SKILL.md. */
  readonly maxBytes: number;
  /** The harness's `limits.maxModelRetries`: beyond it nobody may ask again. */
  readonly maxModelRetries: number;
  /** Sentences above the list. */
  readonly heading: string;
}

/** Something that the agent knows how to do. */
export interface Skill {
  readonly name: string;
  /** What it is good for, in a sentence. */
  readonly description: string;
  /** File with the instructions, which the agent reads with its own tools. */
  readonly path?: string;
}

/** The list of skills as a paragraph; none when there are none. */
export function skillLines(skills: readonly Skill[]): string[] {
  if (skills.length === 0) return [];
  const hasFiles = skills.some(({ path }) => path !== undefined);
  const lines = skills.map(({ name, description, path }) => {
    const file = path === undefined ? "" : ` (${path})`;
    return `- ${name}${file}: ${description.replace(/\s+/g, " ").trim()}`;
  });
  const heading = hasFiles
    ? "Skills. Before you do what one is for, read its file:"
    : "Skills, for you to use:";
  return [[heading, ...lines].join("\n")];
}

import type { Skill } from "./library.ts";

/** A skill whose text is shown. */
export type LoadedSkill = { name: string; path: string; body: string };

/** Longest description in the list. */
const maxDescription = 300;

/** The list of skills, as data. */
export function listing(heading: string, skills: readonly Skill[], hidden: number): string {
  const lines = skills.map(({ name, description }) => {
    const line =
      description.length > maxDescription
        ? `${description.slice(0, maxDescription - 1)}…`
        : description;
    return `- ${name}: ${harmless(line, "skills")}`;
  });
  const rest = hidden === 0 ? [] : [`(and ${hidden} more, which fit the task less)`];
  return [heading, "<skills>", ...lines, ...rest, "</skills>"].join("\n");
}

/** The text of a skill between tags; its file's place is for what the skill refers to. */
export function shownSkill({ name, path, body }: LoadedSkill): string {
  return `<skill name="${name}" path="${path}">\n${harmless(body, "skill")}\n</skill>`;
}

/** A text cannot close the tag that it stands in. */
function harmless(text: string, tag: string): string {
  return text.replace(new RegExp(`<(?=\\s*/\\s*${tag}\\s*>)`, "gi"), "&lt;");
}

import type { Skill } from "./library.ts";

/** The skills that fit a text best, as many as asked; all of them in the order of their names when they fit. */
export function mostRelevant(skills: readonly Skill[], text: string, most: number): Skill[] {
  const byName = [...skills].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (byName.length <= most) return byName;
  // Each word once: a long description is no reason to be chosen.
  const words = byName.map(({ name, description }) => [
    ...new Set(wordsOf(`${name} ${description}`)),
  ]);
  const spread = new Map<string, number>();
  for (const all of words) for (const word of all) spread.set(word, (spread.get(word) ?? 0) + 1);
  const asked = new Set(wordsOf(text));
  const scored = byName.map((skill, index) => {
    let score = 0;
    for (const word of words[index]!)
      if (asked.has(word)) score += Math.log(1 + byName.length / (spread.get(word) ?? 1));
    return { skill, score };
  });
  return scored
    .sort((a, b) => b.score - a.score || (a.skill.name < b.skill.name ? -1 : 1))
    .slice(0, most)
    .map(({ skill }) => skill);
}

/** Words of three letters and more, plurals as singulars: "PDFs" finds "pdf". */
function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter(({ length }) => length > 2).map((word) => word.replace(/(?<=...)s$/u, ""));
}

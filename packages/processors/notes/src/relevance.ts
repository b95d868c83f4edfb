/** Tells whether the task names a thing, such as "a.txt", or its kind: "mug 2" for a task about mugs. */
export function relevanceOf(task: string): (name: string) => boolean {
  const words = wordsOf(task);
  const kinds = new Set(words.map(singular));
  // "desk lamp" in a task is often "desklamp" in an environment.
  for (let index = 1; index < words.length; index += 1) {
    kinds.add(singular(`${words[index - 1]}${words[index]}`));
  }
  const text = task.toLowerCase();
  return (name) =>
    (name.length > 2 && text.includes(name.toLowerCase())) ||
    wordsOf(name).some((word) => word.length > 2 && kinds.has(singular(word)));
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}+/gu) ?? [];
}

function singular(word: string): string {
  if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/(?:l|r|[ao]a|i)ves$/.test(word))
    return word.replace(/ves$/, word.endsWith("ives") ? "fe" : "f");
  if (/(?:s|x|z|ch|sh|o)es$/.test(word)) return word.slice(0, -2);
  return word.length > 3 && /[^su]s$/.test(word) ? word.slice(0, -1) : word;
}

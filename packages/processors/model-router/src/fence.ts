/**
 * Texts of unknown origin between lines that none of them contains, so that no text can end its
 * own section: the mark is drawn again until that is so.
 */
export function fence(sections: Readonly<Record<string, string>>, random: () => number): string {
  const entries = Object.entries(sections);
  let mark: string;
  do {
    mark = Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, "0");
  } while (entries.some(([, text]) => text.includes(mark)));
  return entries
    .map(([name, text]) => `--- ${name} ${mark} ---\n${text}\n--- end of ${name} ${mark} ---`)
    .join("\n\n");
}

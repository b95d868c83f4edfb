/** Runs of equal lines of at least `least` as one, with a line that says how many were left out. */
export function collapseRepeats(lines: readonly string[], least: number): readonly string[] {
  return least < 2 ? lines : collapse(lines, least, (line, first) => line === first, showFirst);
}

/** Runs of progress lines of at least `least` as their last one. */
export function collapseProgress(lines: readonly string[], least: number): readonly string[] {
  if (least < 2) return lines;
  return collapse(lines, least, isNextProgress, (run) => [
    `[${run.length - 1} earlier progress lines left out]`,
    run.at(-1)!,
  ]);
}

function showFirst(run: readonly string[]): readonly string[] {
  const [line] = run;
  // Empty lines say nothing that could be missed.
  if (line!.trim() === "") return [line!];
  return [line!, `[the line above ${run.length - 1} more times]`];
}

function collapse(
  lines: readonly string[],
  least: number,
  belongs: (line: string, before: string) => boolean,
  show: (run: readonly string[]) => readonly string[],
): readonly string[] {
  const shown: string[] = [];
  for (let start = 0; start < lines.length;) {
    let end = start + 1;
    while (end < lines.length && belongs(lines[end]!, lines[end - 1]!)) end += 1;
    const run = lines.slice(start, end);
    shown.push(...(run.length >= least ? show(run) : run));
    start = end;
  }
  return shown;
}

/** A bar, a rate or a remaining time: a percentage alone may well be a finding. */
const bar = /[[(|](?=[^\])|]*[=#>█▓▒■━╸])[=#>*.·\-\s█▓▒░▏▎▍▌▋▊▉■□━╸╺]{4,}[\])|]|[█▓▒░■□━╸╺]{3,}/;
const rate = /\b\d[\d.,]*\s?[kKMGT]?i?B(?:\/s|ps)\b|\b(?:eta|ETA)\b|\bit\/s\b/;
const share = /(\d{1,3}(?:\.\d+)?)\s?%/;

/** Whether a line goes on with the progress that the one before shows. */
function isNextProgress(line: string, before: string): boolean {
  const [now, then] = [shareDone(line), shareDone(before)];
  return now !== undefined && then !== undefined && now >= then && label(line) === label(before);
}

function shareDone(line: string): number | undefined {
  if (line.length > 400 || !(bar.test(line) || rate.test(line))) return undefined;
  const percent = share.exec(line)?.[1];
  return percent === undefined ? undefined : Number(percent);
}

/** The first word that is no number: progress of another file is another progress. */
function label(line: string): string {
  return /\p{L}[\p{L}\p{N}_./-]*/u.exec(line.replace(rate, ""))?.[0] ?? "";
}

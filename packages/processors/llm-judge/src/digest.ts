import { describeCall, textOf, type StepEndEvent } from "@harnessx/core/plugin";
import { clip } from "./clip.ts";

/** The first and the newest lines about what happened; what lay between them is only counted. */
export type Digest = { head: string[]; tail: string[]; dropped: number };

/** An empty digest. */
export const emptyDigest = (): Digest => ({ head: [], tail: [], dropped: 0 });

export interface DigestLimits {
  readonly maxDigestChars: number;
  readonly maxResultChars: number;
}

/** Adds the calls of one step; work and memory are bounded by the limits, not by the task. */
export function addStep(digest: Digest, event: StepEndEvent, limits: DigestLimits): void {
  for (const { call, result } of event.calls) {
    const text = clip(textOf(result.content).replace(/\s+/g, " ").trim(), limits.maxResultChars);
    addLine(
      digest,
      `step ${event.step}: ${describeCall(call)} -> ${result.status}: ${text}`,
      limits,
    );
  }
}

/** The digest as text of at most `maxDigestChars` characters and a line that says what is missing. */
export function renderDigest({ head, tail, dropped }: Digest): string {
  const gap = dropped === 0 ? [] : [`(${dropped} calls left out)`];
  return [...head, ...gap, ...tail].join("\n");
}

function addLine(digest: Digest, line: string, { maxDigestChars }: DigestLimits): void {
  // Half for how it began, half for how it ended.
  const half = Math.floor(maxDigestChars / 2);
  if (digest.tail.length === 0 && digest.dropped === 0 && size(digest.head) + line.length <= half) {
    digest.head.push(line);
    return;
  }
  digest.tail.push(line);
  while (size(digest.tail) > maxDigestChars - half) {
    digest.tail.shift();
    digest.dropped += 1;
  }
}

/** Characters of the lines with their line ends. */
function size(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}

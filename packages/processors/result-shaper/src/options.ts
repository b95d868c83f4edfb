/** How the text of a result is shaped. */
export interface Shape {
  /** Whether to take out terminal control sequences and what a carriage return overwrote. */
  readonly plain: boolean;
  /** Show a run of equal lines once when it is at least this long; 0 never. */
  readonly collapseRepeats: number;
  /** Show a run of progress lines by its last when it is at least this long; 0 never. */
  readonly collapseProgress: number;
  /** Lines to keep from the beginning. */
  readonly headLines: number;
  /** Lines to keep from the end. */
  readonly tailLines: number;
  /** Characters of a line to keep; 0 all. */
  readonly maxLineChars: number;
}

/** Another shape for some tools; what it does not name is as at the top. */
export interface ShapeRule extends Partial<Shape> {
  /** Names, with `*` for any text. */
  readonly tools: readonly string[];
  /** Show the results of these tools as they are. */
  readonly keep?: boolean;
}

/** Options of the result-shaper processor. */
export interface ResultShaperOptions extends Shape {
  /** The first rule that names the tool holds. */
  readonly rules: readonly ShapeRule[];
}

import { defineErrors } from "@harnessx/core";

/** Every error code of this package with its message template and hint. */
export const grpoErrorTable = {
  HX_GRPO_OPTIONS_INVALID: {
    tag: "GrpoError",
    message: "The options make no sense: {problem}.",
    hint: "The options and their meaning are in the README of @harnessx/grpo-bridge.",
  },
  HX_GRPO_COLUMNS_INVALID: {
    tag: "GrpoError",
    message: "The columns do not belong together: {problem}.",
    hint: "Every column has one value for each trajectory or token, in the same order.",
  },
  HX_GRPO_LINE_INVALID: {
    tag: "GrpoError",
    message: "Line {line} of {source} cannot be used: {problem}.",
    hint: "One JSON object per line, as the README of @harnessx/grpo-bridge describes it.",
  },
  HX_GRPO_TURN_INVALID: {
    tag: "GrpoError",
    message: "Turn {turn} cannot be recorded: {problem}.",
    hint: "Token ids are whole numbers from 0 and log-probabilities finite and at most 0, one for each output token.",
  },
  HX_GRPO_TRAJECTORY_INVALID: {
    tag: "GrpoError",
    message: "The trajectory {trajectory} breaks an invariant: {problem}.",
    hint: "Nothing was written. Assemble it again from its turns; do not edit rows by hand.",
  },
  HX_GRPO_TRACE_UNFIT: {
    tag: "GrpoError",
    message: "The trace {trace} is no run: {problem}.",
    hint: "A trace starts with run.start; hx trace show says what is in it.",
  },
} as const;

/** A stable error code of this package. */
export type GrpoErrorCode = keyof typeof grpoErrorTable;

/** Makes an error of this package. */
export const grpoError = defineErrors(grpoErrorTable);

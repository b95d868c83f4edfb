import { defineErrors } from "@harnessx/core";

/** Every error code of this package with its message template and hint. */
export const aegisErrorTable = {
  HX_ROLLOUT_ABORTED: {
    tag: "RolloutError",
    message: "The rollout of task {task} was aborted.",
    hint: "Nothing was recorded for it; run it again.",
  },
  HX_ROLLOUT_TASK_UNKNOWN: {
    tag: "RolloutError",
    message: "The suite {suite} has no task {task}.",
    hint: "List the suite's tasks; ids are hashes of their content and change with it.",
  },
  HX_AEGIS_BENCH_INVALID: {
    tag: "AegisError",
    message: "The measurement cannot be made: {problem}.",
    hint: "Give one or two arms with different names, at least one task and at least one repetition.",
  },
  HX_AEGIS_ARTEFACT_INVALID: {
    tag: "AegisError",
    message: "The artefact {artefact} does not fit its schema: {problem}.",
    hint: "Artefacts under .harnessx/evolution may be edited by hand; compare with the exported schema.",
  },
  HX_AEGIS_EVIDENCE_MISSING: {
    tag: "AegisError",
    message: "Trace {trace} has no event {seq} that says {quote}.",
    hint: "The trace or the digest was changed after the digest was made; make the digest again.",
  },
  HX_AEGIS_WORKSPACE_INVALID: {
    tag: "AegisError",
    message: "{dir} is not a workspace that can be evolved: {problem}.",
    hint: "Give a folder with a harness.json whose packages are installed.",
  },
  HX_AEGIS_INSTALL_CONFLICT: {
    tag: "AegisError",
    message: "The edits of {candidate} do not apply to the manifest in {dir}: {problem}.",
    hint: "The manifest was changed since the candidate was measured; run the round again.",
  },
  HX_AEGIS_STORE_CORRUPT: {
    tag: "AegisError",
    message: "The installed package {package} differs from its recorded integrity.",
    hint: "Somebody changed files of the plugin store; remove the folder and install again.",
  },
  HX_AEGIS_JOURNAL_CORRUPT: {
    tag: "AegisError",
    message: "Line {line} of the journal {path} is not valid: {problem}.",
    hint: "The journal is append-only and hash-chained; restore it from a copy.",
  },
  HX_GATE_POLICY_INVALID: {
    tag: "GateError",
    message: "The gate policy is not valid: {problem}.",
    hint: "Compare it with the default policy that the package exports.",
  },
  HX_GATE_OUTCOME_INVALID: {
    tag: "GateError",
    message: "The outcome of {arm}, task {task}, repetition {rep} was refused: {problem}.",
    hint: "Report exactly the trials of the latest request, each once, in any order.",
  },
} as const;

/** A stable error code of this package. */
export type AegisErrorCode = keyof typeof aegisErrorTable;

/** Makes an error of this package. */
export const aegisError = defineErrors(aegisErrorTable);

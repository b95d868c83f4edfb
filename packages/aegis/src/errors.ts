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
  HX_ROLLOUT_SUITE_FAILED: {
    tag: "RolloutError",
    message: "The suite {suite} gives no tasks: {problem}.",
    hint: "Mend the suite; nothing was played.",
  },
  HX_ROLLOUT_ENVIRONMENT_INVALID: {
    tag: "RolloutError",
    message: "The suite {suite} opened an environment that is none: {problem}.",
    hint: "An environment has `tools`, `observation`, `score()` and `close()`.",
  },
  HX_ROLLOUT_SCORE_INVALID: {
    tag: "RolloutError",
    message: "The suite {suite} gave a score that is none: {problem}.",
    hint: "A score has `passed` (boolean), `score` (0 to 1), `reason` (text) and perhaps `audit` (boolean).",
  },
  HX_ROLLOUT_WORKER_UNFIT: {
    tag: "RolloutError",
    message: "Worker processes cannot play this: {problem}.",
    hint: "Compare the recipe with the suite, models and harness of the rollouts, or play in this process.",
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
  HX_AEGIS_INSTALL_WRITE: {
    tag: "AegisError",
    message: "{path} could not be written: {problem}.",
    hint: "Make room or give write access; what the journal says was begun is completed at the next start.",
  },
  HX_AEGIS_KEY_INVALID: {
    tag: "AegisError",
    message: "The signing key {path} cannot be used: {problem}.",
    hint: "Set HARNESSX_KEYS to a folder that only you can read; a key is made there on first use.",
  },
  HX_AEGIS_KEY_UNKNOWN: {
    tag: "AegisError",
    message: "What {what} says counts for nothing: {problem}.",
    hint: "If you trust its signer, copy the public key from .harnessx/keys into the folder `trusted` of HARNESSX_KEYS.",
  },
  HX_AEGIS_GENERATION_MISSING: {
    tag: "AegisError",
    message: "{dir} has no generation {version}.",
    hint: "Generations are the folders of .harnessx/generations; give a number or the start of a hash.",
  },
  HX_AEGIS_GENERATION_CORRUPT: {
    tag: "AegisError",
    message: "Generation {generation} is not what was recorded: {problem}.",
    hint: "Go back to another one, or restore the folder from a copy.",
  },
  HX_AEGIS_ROLLBACK_IMPOSSIBLE: {
    tag: "AegisError",
    message: "The harness in {dir} cannot go back: {problem}.",
    hint: "Name a generation of .harnessx/generations.",
  },
  HX_AEGIS_WORKSPACE_DAMAGED: {
    tag: "AegisError",
    message: "The harness in {dir} must not run: {problem}.",
    hint: "`hx plugin verify` shows every check; `hx plugin verify --repair` goes back to the last generation that holds.",
  },
  HX_AEGIS_WORKSPACE_BUSY: {
    tag: "AegisError",
    message: "Another process ({owner}) is changing {dir}.",
    hint: "Wait for it, or end it. The lock of a process that is gone is taken over.",
  },
  HX_AEGIS_APPROVAL_UNKNOWN: {
    tag: "AegisError",
    message: "{dir} has nothing to approve under {id}.",
    hint: "Waiting for approval: {known}.",
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
  HX_AEGIS_NO_SEALED_TASKS: {
    tag: "AegisError",
    message: "The suite {suite} has no sealed tasks to measure on.",
    hint: "Give the suite tasks with the split sealed.",
  },
  HX_AEGIS_STAGE_FAILED: {
    tag: "AegisError",
    message: "The stage {stage} came to nothing: {problem}.",
    hint: "The harness is as it was. Look at the trace of the model's run; the next round asks again.",
  },
  HX_AEGIS_RUN_UNFINISHED: {
    tag: "AegisError",
    message: "Run {run} in {dir} was cut off and had another suite, seed or other options.",
    hint: "Give the same options to go on with it, or abandon it (`hx evolve --abandon`).",
  },
  HX_AEGIS_JOURNAL_WRITE: {
    tag: "AegisError",
    message: "The journal {path} cannot be written: {problem}.",
    hint: "Nothing was entered. Make room and give the same command again: it goes on where it stopped.",
  },
  HX_AEGIS_JOURNAL_DIVERGED: {
    tag: "AegisError",
    message:
      "Line {line} of the journal {path} holds a {recorded} entry that the run would not write again ({now}).",
    hint: "Resume with the same suite, models, options and version, or abandon the run and start another.",
  },
  HX_AEGIS_ROLLOUTS_CORRUPT: {
    tag: "AegisError",
    message: "Line {line} of the rollout store {path} is not a rollout: {problem}.",
    hint: "The file is append-only and written by programs; restore it from a copy, or move it away to play everything again.",
  },
  HX_AEGIS_ROLLOUTS_WRITE: {
    tag: "AegisError",
    message: "The outcome of a rollout could not be written to {path}: {problem}.",
    hint: "Make room or give write access, then resume; outcomes that were reported before are kept.",
  },
  HX_AEGIS_REPORT_EMPTY: {
    tag: "AegisError",
    message: "{dir} holds no evolution to report on.",
    hint: "Give a folder in which hx evolve or hx demo has run: one with .harnessx/evolution/journal.jsonl.",
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

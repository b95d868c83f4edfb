import { defineErrors, type HarnessXError } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const intercodeSqlErrors = {
  HX_SUITE_SQL_DATA_MISSING: {
    tag: "SuiteError",
    message: "The file {file} cannot be read: {problem}.",
    hint: "The option data takes a folder with tasks.jsonl and databases/. Without it the suite generates its own tasks.",
  },
  HX_SUITE_SQL_DATA_INVALID: {
    tag: "SuiteError",
    message: "{file}: {problem}.",
    hint: "The README of @harnessx/adapter-intercode-sql describes tasks.jsonl and the database files.",
  },
  HX_SUITE_SQL_GOLD: {
    tag: "SuiteError",
    message: "The gold query of task {task} fails: {problem}.",
    hint: "A task can be judged only by a gold query that runs on its database. Correct or remove the line of tasks.jsonl.",
  },
} as const;

/** The codes that this package raises. */
export type IntercodeSqlErrorCode = keyof typeof intercodeSqlErrors;

/** An error of this package: `code` is stable, `message` says what happened, `hint` what to do. */
export type IntercodeSqlError = HarnessXError<IntercodeSqlErrorCode>;

/** Makes an error of this package. */
export const intercodeSqlError = defineErrors(intercodeSqlErrors);

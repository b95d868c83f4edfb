import { defineErrors, type HarnessXError } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const householdErrors = {
  HX_SUITE_GAME_INVALID: {
    tag: "SuiteError",
    message: "{file}, line {line}: {problem}.",
    hint: "Each line of a game file is one JSON object as generateGames makes it. Correct or remove the line.",
  },
  HX_SUITE_GAMES_MISSING: {
    tag: "SuiteError",
    message: "The game file {file} cannot be read: {problem}.",
    hint: "The option games takes paths of JSON-Lines files relative to the folder of the manifest. Without it the suite generates its own.",
  },
} as const;

/** The codes that this package raises. */
export type HouseholdErrorCode = keyof typeof householdErrors;

/** An error of this package: `code` is stable, `message` says what happened, `hint` what to do. */
export type HouseholdError = HarnessXError<HouseholdErrorCode>;

/** Makes an error of this package. */
export const householdError = defineErrors(householdErrors);

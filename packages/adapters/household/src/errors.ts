/** What an error code stands for: its sentence and what to do about it. `{name}` is filled from the details. */
const table = {
  HX_SUITE_GAME_INVALID: {
    message: "{file}, line {line}: {problem}.",
    hint: "Each line of a game file is one JSON object as `generateGames` makes it. Correct or remove the line.",
  },
  HX_SUITE_GAMES_MISSING: {
    message: "The game file {file} cannot be read: {problem}.",
    hint: "`games` takes paths of JSON-Lines files relative to the folder of the manifest. Without `games` the suite generates its own.",
  },
} as const;

/** The codes that this package raises. */
export type HouseholdErrorCode = keyof typeof table;

/** An error of this package: `code` is stable, `message` says what happened, `hint` what to do. */
export interface HouseholdError extends Error {
  readonly code: HouseholdErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Makes an error of this package. */
export function householdError(
  code: HouseholdErrorCode,
  details: Readonly<Record<string, unknown>>,
  cause?: unknown,
): HouseholdError {
  const fill = (template: string): string =>
    template.replace(/\{(\w+)\}/g, (whole, name: string) =>
      name in details ? String(details[name]).slice(0, 300) : whole,
    );
  const error = new Error(fill(table[code].message), cause === undefined ? undefined : { cause });
  error.name = "HouseholdError";
  return Object.assign(error, { code, hint: fill(table[code].hint), details });
}

import { defineErrors, type HarnessXError } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const tauRetailErrors = {
  HX_SUITE_RETAIL_DATA_MISSING: {
    tag: "SuiteError",
    message: "The file {file} cannot be read: {problem}.",
    hint: "Set HARNESSX_DATA to the folder that holds tau-retail, or name that folder in the option data. The option generate makes tasks without any data.",
  },
  HX_SUITE_RETAIL_DATA_INVALID: {
    tag: "SuiteError",
    message: "{file}: {problem}.",
    hint: "The README of @harnessx/adapter-tau-retail describes the files.",
  },
} as const;

/** The codes that this package raises. */
export type TauRetailErrorCode = keyof typeof tauRetailErrors;

/** An error of this package: `code` is stable, `message` says what happened, `hint` what to do. */
export type TauRetailError = HarnessXError<TauRetailErrorCode>;

/** Makes an error of this package. */
export const tauRetailError = defineErrors(tauRetailErrors);

import { defineErrors } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const workspaceErrors = {
  HX_WORKSPACE_FOLDER: {
    tag: "WorkspaceError",
    message: "The workspace {root} cannot be used: {problem}.",
    hint: "Add a processor that provides the slot workspace, or set the option root to a folder that exists.",
  },
  HX_WORKSPACE_PATH: {
    tag: "WorkspaceError",
    message: "The path {path} is not usable: {problem}.",
    hint: "Give a path relative to the workspace.",
  },
  HX_WORKSPACE_OUTSIDE: {
    tag: "WorkspaceError",
    message: "The path {path} leads out of the workspace.",
    hint: "Only files inside the workspace can be used; links that lead out of it are not followed.",
  },
  HX_WORKSPACE_READONLY: {
    tag: "WorkspaceError",
    message: "The workspace is read-only: {path} was not changed.",
    hint: "Answer with what can be read.",
  },
  HX_WORKSPACE_NOT_FOUND: {
    tag: "WorkspaceError",
    message: "There is no {path} in the workspace.",
    hint: "glob lists the files that there are.",
  },
  HX_WORKSPACE_NOT_A_FILE: {
    tag: "WorkspaceError",
    message: "{path} is {kind}, not a regular file.",
    hint: "glob lists the files of a folder; devices, pipes and sockets cannot be used.",
  },
  HX_WORKSPACE_TOO_LARGE: {
    tag: "WorkspaceError",
    message: "{path} has {bytes} bytes; the limit is {limit}.",
    hint: "Use a command that takes a part of it.",
  },
  HX_WORKSPACE_NOT_TEXT: {
    tag: "WorkspaceError",
    message: "{path} is not text in UTF-8: {bytes} bytes of binary data.",
    hint: "Use a program that understands its format.",
  },
  HX_WORKSPACE_EDIT_MISSING: {
    tag: "WorkspaceError",
    message: "{path} does not contain the text that is to be replaced.",
    hint: "Read the file and copy the text exactly, with its indentation and without line numbers.",
  },
  HX_WORKSPACE_EDIT_AMBIGUOUS: {
    tag: "WorkspaceError",
    message: "{path} contains the text that is to be replaced {count} times.",
    hint: "Give more of the surrounding text, or set replaceAll.",
  },
  HX_WORKSPACE_EDIT_EMPTY: {
    tag: "WorkspaceError",
    message: "The edit of {path} changes nothing: {problem}.",
    hint: "Give an old text that is not empty and a different new one.",
  },
  HX_WORKSPACE_PATTERN: {
    tag: "WorkspaceError",
    message: "The pattern {pattern} cannot be used: {problem}.",
    hint: "Patterns of grep are RE2 regular expressions: no backreferences and no lookaround.",
  },
  HX_WORKSPACE_NO_SANDBOX: {
    tag: "WorkspaceError",
    message: "{tool} is not allowed here: {problem}.",
    hint: "The harness needs a processor that provides the slot sandbox, such as @harnessx/processor-sandbox.",
  },
  HX_WORKSPACE_COMMAND: {
    tag: "WorkspaceError",
    message: "The command could not be run: {problem}.",
    hint: "Check the program's name and the working folder.",
  },
  HX_WORKSPACE_IO: {
    tag: "WorkspaceError",
    message: "{path} cannot be used: {problem}.",
    hint: "Check the file's permissions.",
  },
} as const;

/** The codes that this package raises. */
export type WorkspaceErrorCode = keyof typeof workspaceErrors;

/** Makes an error of this package. */
export const workspaceError = defineErrors(workspaceErrors);

import type { ErrorTable } from "../../plugin/error.ts";

/** Reading and writing traces. */
export const traceErrors = {
  HX_TRACE_NOT_FOUND: {
    tag: "TraceError",
    message: "There is no trace at {path}.",
    hint: "hx trace ls lists the traces of a folder.",
  },
  HX_TRACE_EMPTY: {
    tag: "TraceError",
    message: "Nothing of the run at {path} is on record.",
    hint: "It was cut off before its first event was written: start the task again, under the same run id if you like.",
  },
  HX_TRACE_CORRUPT: {
    tag: "TraceError",
    message: "{path} is damaged at line {line}: {problem}.",
    hint: "Only a torn last line is repaired; restore the file from a copy.",
  },
  HX_TRACE_VERSION: {
    tag: "TraceError",
    message: "{path} has trace version {version}, this reader knows up to {supported}.",
    hint: "Update HarnessX.",
  },
  HX_TRACE_BLOB_MISSING: {
    tag: "TraceError",
    message: "Blob {blob} of {path} is missing.",
    hint: "Copy the blobs folder together with the trace.",
  },
  HX_TRACE_BLOB_CORRUPT: {
    tag: "TraceError",
    message: "Blob {blob} of {path} does not have the content its name promises.",
    hint: "Restore the blobs folder from a copy.",
  },
  HX_TRACE_WRITE_FAILED: {
    tag: "TraceError",
    message: "The trace {path} cannot be written: {problem}.",
    hint: "Check free space and permissions; the run was stopped because it could no longer be recorded.",
  },
  HX_TRACE_EXISTS: {
    tag: "TraceError",
    message: "A trace already exists at {path}.",
    hint: "Use another run id, or resume the run.",
  },
} as const satisfies ErrorTable;

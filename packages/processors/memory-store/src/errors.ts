import { defineErrors } from "@harnessx/core/plugin";

/** Errors of the stores; what calls a store decides whether they end the run. */
export const storeError = defineErrors({
  HX_MEMORY_INVALID: {
    tag: "MemoryStoreError",
    message: "A memory was refused: {problem}.",
    hint: "A memory needs an id of 1 to 200 characters, a text of 1 to {maxChars} characters and a finite time.",
  },
  HX_MEMORY_UNREADABLE: {
    tag: "MemoryStoreError",
    message: "The memory store {path} cannot be read.",
    hint: "Look whether the path is a store of this kind and may be read; move a damaged one away and the store begins anew.",
  },
  HX_MEMORY_UNWRITABLE: {
    tag: "MemoryStoreError",
    message: "The memory store {path} cannot be written.",
    hint: "Look whether the folder may be written and has space.",
  },
  HX_MEMORY_BUSY: {
    tag: "MemoryStoreError",
    message: "The memory store {path} is being written by another process for more than {ms} ms.",
    hint: "Wait for it; if no such process lives, remove {lock}.",
  },
});

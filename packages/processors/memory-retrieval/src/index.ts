import { defineProcessor, memorySlot, replace, textOf, type Message } from "@harnessx/core/plugin";
import type { MemoryRetrievalOptions } from "./options.ts";
import { render, type Found } from "./render.ts";

export type { MemoryRetrievalOptions } from "./options.ts";

/** What was found, and where it is shown; plain JSON, because a swap hands it over. */
type Retrieved = {
  /** Step of the latest search; -1 before the first one. */
  searchedAt: number;
  /** Ids of memories that the system prompt shows already. */
  inSystem: string[];
  /** What each request shows. */
  shown: Found[];
};

type Reading = { memories: Found[]; problem?: string };

const maxQueryChars = 4_000;

/** Searches the store in the slot `memory` for the task and shows the model what it finds. */
export default defineProcessor<MemoryRetrievalOptions>((run, options) => {
  const nothing: Retrieved = { searchedAt: -1, inSystem: [], shown: [] };
  const retrieved = run.cell("found", nothing).value;
  const { topK, minScore, everySteps } = options;

  run.hooks.taskStart.tap("search", async (event) => {
    if (options.placement !== "system") return undefined;
    const found = await search(run.task.text);
    retrieved.searchedAt = 1;
    const block = render(found, options);
    if (block === undefined) return undefined;
    retrieved.inSystem = found.map(({ id }) => id);
    return replace(event.appendSystem(block));
  });

  run.hooks.beforeModel.tap("show", async (event) => {
    const { step, attempt } = event;
    if (attempt === 1 && isDue(step)) {
      const { searchedAt } = retrieved;
      retrieved.searchedAt = step;
      const found = await search(searchedAt < 0 ? run.task.text : queryOf(run.state.messages));
      // What the system prompt shows already is not shown twice.
      retrieved.shown = found.filter(({ id }) => !retrieved.inSystem.includes(id));
    }
    const block = render(retrieved.shown, options);
    return block === undefined ? undefined : replace(event.appendUser(block));
  });

  function isDue(step: number): boolean {
    if (retrieved.searchedAt < 0) return true;
    return everySteps > 0 && step - retrieved.searchedAt >= everySteps;
  }

  /** The task, and behind it what the agent is at: the newest text counts as much as the task. */
  function queryOf(messages: { at(index: number): Message | undefined }): string {
    const newest = messages.at(-1);
    const text = newest && newest.role !== "system" ? textOf(newest) : "";
    return `${run.task.text.slice(0, maxQueryChars / 2)}\n${text.slice(0, maxQueryChars / 2)}`;
  }

  async function search(query: string): Promise<Found[]> {
    const store = run.slots.get(memorySlot);
    if (!store) {
      run.log("memory-retrieval: no processor provides the slot memory, nothing is searched");
      return [];
    }
    const { memories, problem } = await run.recorded<Reading>(
      "memory-retrieval: searched",
      async () => {
        try {
          const found = await store.search(query.slice(0, maxQueryChars), {
            limit: topK,
            now: run.clock.now(),
          });
          return { memories: found.slice(0, topK).map(plain) };
        } catch (thrown) {
          // An agent can work without its memory; what is wrong is in the trace.
          return { memories: [], problem: String((thrown as Error)?.message ?? thrown) };
        }
      },
    );
    if (problem !== undefined) run.log("memory-retrieval: the store failed", { problem });
    return memories.filter(({ score }) => score >= minScore);
  }
});

/** A store is somebody else's code: only what is used here goes into the trace. */
function plain({ id, text, at, score }: Found): Found {
  return {
    id: String(id),
    text: String(text),
    at: Number.isFinite(at) ? at : 0,
    score: Number.isFinite(score) ? score : 0,
  };
}

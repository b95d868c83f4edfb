import {
  defineProcessor,
  HarnessXError,
  memorySlot,
  textOf,
  type Memory,
  type MemoryStore,
  type Message,
} from "@harnessx/core/plugin";
import type { MemoryExtractionOptions } from "./options.ts";
import {
  answerMemory,
  cut,
  linesOf,
  markedLines,
  newMessages,
  oneLine,
  transcriptOf,
} from "./rules.ts";
import { idOf, similarity } from "./similar.ts";

export type { MemoryExtractionOptions } from "./options.ts";

/** How far the task was read; plain JSON, because a swap hands it over. */
type Extracted = {
  /** Id of the last message that was read. */
  readUpTo: number;
  /** The history has been small since the last extraction. */
  isArmed: boolean;
  /** Texts that were handed to the store in this task. */
  texts: string[];
};

type Writing = { added: string[]; known: number; problem?: string };

/** The role that finds memories for the strategy `model`. */
const summarizer = "summarizer";

/** Puts what is worth remembering of a task into the store in the slot `memory`. */
export default defineProcessor<MemoryExtractionOptions>((run, options) => {
  const nothing: Extracted = { readUpTo: -1, isArmed: true, texts: [] };
  const extracted = run.cell("extracted", nothing).value;
  const marked = markedLines(options.patterns);

  // Before others take messages out of a history that has grown too long.
  run.hooks.stepStart.tap("extract", async (event) => {
    const { maxTokens } = options;
    if (maxTokens === 0 || event.tokens <= maxTokens) {
      extracted.isArmed = true;
      return;
    }
    if (!extracted.isArmed) return;
    extracted.isArmed = false;
    const messages = unread();
    await remember([...marked(messages), ...(await proposed(messages))]);
  });

  run.hooks.taskEnd.tap("extract", async ({ output, exit }) => {
    const messages = unread();
    const texts = marked(messages);
    if (exit === "done") texts.push(...(await proposed(messages)));
    const answer =
      exit === "done" && options.answer
        ? answerMemory(run.task.text, output, options.maxChars)
        : undefined;
    await remember(answer === undefined ? texts : [...texts, answer]);
  });

  function unread(): Message[] {
    const messages = newMessages(run.state.messages, extracted.readUpTo);
    extracted.readUpTo = run.state.messages.at(-1)?.id ?? extracted.readUpTo;
    return messages;
  }

  /** What a model finds; nothing when it fails, because a task is not lost over its memories. */
  async function proposed(messages: readonly Message[]): Promise<string[]> {
    const { strategy, instruction, maxPerTask } = options;
    if (strategy !== "model" || messages.length === 0 || !run.slots.get(memorySlot)) return [];
    try {
      const { content } = await run.model(summarizer).generate({
        system: instruction,
        user: `<conversation>\n${transcriptOf(messages).replace(/<(?=\s*\/\s*conversation\b)/gi, "&lt;")}\n</conversation>`,
        sampling: { temperature: 0 },
      });
      return linesOf(textOf(content)).slice(0, maxPerTask);
    } catch (thrown) {
      // Anything else is the end of the run or of its recording.
      if (!HarnessXError.isInstance(thrown) || thrown._tag !== "ModelError") throw thrown;
      run.log("memory-extraction: the model failed", { problem: thrown.message });
      return [];
    }
  }

  async function remember(texts: readonly string[]): Promise<void> {
    const fresh = distinct(texts);
    if (fresh.length === 0) return;
    const store = run.slots.get(memorySlot);
    if (!store) {
      run.log("memory-extraction: no processor provides the slot memory, nothing is kept");
      return;
    }
    extracted.texts.push(...fresh);
    const memories = fresh.map((text): Memory => ({
      id: idOf(text),
      text,
      at: run.clock.now(),
      ...(options.tags.length === 0 ? {} : { tags: options.tags }),
      metadata: { task: run.task.id, run: run.id },
    }));
    const { problem } = await run.recorded<Writing>("memory-extraction: added", () =>
      add(store, memories),
    );
    if (problem !== undefined) run.log("memory-extraction: the store failed", { problem });
  }

  /** One of each, none that this task has added before, as many as may still come. */
  function distinct(texts: readonly string[]): string[] {
    const fresh: string[] = [];
    for (const text of texts) {
      const line = cut(oneLine(text), options.maxChars);
      const known = [...extracted.texts, ...fresh];
      if (known.length >= options.maxPerTask) break;
      if (line !== "" && !known.some((other) => isSame(other, line))) fresh.push(line);
    }
    return fresh;
  }

  function isSame(one: string, other: string): boolean {
    return idOf(one) === idOf(other) || similarity(one, other) >= options.similarity;
  }

  /** Adds what the store does not know; runs live only, so that a replay writes nothing. */
  async function add(store: MemoryStore, memories: readonly Memory[]): Promise<Writing> {
    try {
      const unknown: Memory[] = [];
      for (const memory of memories) {
        const near = await store.search(memory.text, { limit: 5, now: memory.at });
        if (!near.some(({ text }) => isSame(text, memory.text))) unknown.push(memory);
      }
      if (unknown.length > 0) await store.add(unknown);
      const added = unknown.map(({ text }) => text);
      return { added, known: memories.length - unknown.length };
    } catch (thrown) {
      const problem = String((thrown as Error)?.message ?? thrown);
      return { added: [], known: 0, problem };
    }
  }
});

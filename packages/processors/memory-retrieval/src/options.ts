/** Options of the memory-retrieval processor. */
export interface MemoryRetrievalOptions {
  /** Most memories to show. */
  readonly topK: number;
  /** Weaker matches are left out; the scale is the store's. */
  readonly minScore: number;
  /** At the end of each request, or at the end of the system prompt. */
  readonly placement: "request" | "system";
  /** Search again every so many steps with what the agent is doing by then; 0 never. */
  readonly everySteps: number;
  /** Longest text of all memories together. */
  readonly maxChars: number;
  /** Sentence above the memories. */
  readonly heading: string;
}

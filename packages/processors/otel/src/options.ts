/** Options of the otel processor. */
export interface OtelOptions {
  /** `gen_ai.agent.name`. */
  readonly agentName: string;
  /** `gen_ai.provider.name`. */
  readonly provider: string;
  /** Role → `gen_ai.request.model`. */
  readonly models: Readonly<Record<string, string>>;
  /** Record messages, arguments and results. */
  readonly content: boolean;
  /** Longest text of one attribute with content. */
  readonly maxContentChars: number;
  readonly metrics: boolean;
  /** Emit in a replay, too. */
  readonly replays: boolean;
}

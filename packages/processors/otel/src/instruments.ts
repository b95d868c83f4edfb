import type { Usage } from "@harnessx/core/plugin";
import { metrics, type Attributes, type Meter } from "@opentelemetry/api";

const TOKEN_BUCKETS = Array.from({ length: 14 }, (_, power) => 4 ** power);
const SECOND_BUCKETS = Array.from({ length: 14 }, (_, power) => 0.01 * 2 ** power);

/** The metrics that the conventions name for clients, agents and tools. */
export interface Instruments {
  tokens(usage: Usage, attributes: Attributes): void;
  /** Seconds of a model call. */
  modelCall(seconds: number, attributes: Attributes): void;
  /** Seconds of a tool call. */
  toolCall(seconds: number, attributes: Attributes): void;
  /** Seconds of a run. */
  run(seconds: number, attributes: Attributes): void;
}

/** The instruments of the app's own meter provider. */
export function instrumentsOf(name: string): Instruments {
  const meter: Meter = metrics.getMeter(name);
  const usage = meter.createHistogram("gen_ai.client.token.usage", {
    unit: "{token}",
    description: "Number of input and output tokens used.",
    advice: { explicitBucketBoundaries: TOKEN_BUCKETS },
  });
  const seconds = (metric: string, description: string) =>
    meter.createHistogram(metric, {
      unit: "s",
      description,
      advice: { explicitBucketBoundaries: SECOND_BUCKETS },
    });
  const operation = seconds("gen_ai.client.operation.duration", "Duration of a model call.");
  const tool = seconds("gen_ai.execute_tool.duration", "Duration of a tool call.");
  const agent = seconds("gen_ai.invoke_agent.duration", "Duration of a run.");
  return {
    tokens: ({ input, output }, attributes) => {
      usage.record(input, { ...attributes, "gen_ai.token.type": "input" });
      usage.record(output, { ...attributes, "gen_ai.token.type": "output" });
    },
    modelCall: (duration, attributes) => operation.record(duration, attributes),
    toolCall: (duration, attributes) => tool.record(duration, attributes),
    run: (duration, attributes) => agent.record(duration, attributes),
  };
}

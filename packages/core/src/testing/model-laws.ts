import { messageOf } from "../errors/index.ts";
import { defineHarness } from "../load/harness.ts";
import type { ModelDefinition } from "../plugin/define.ts";
import type { JsonObject } from "../plugin/json.ts";
import type { PluginMetadata } from "../plugin/metadata.ts";
import type { ModelClient, PolicyKind } from "../plugin/model.ts";
import { createAgent } from "../run/agent.ts";
import { createMemorySink } from "../trace/memory-sink.ts";
import { sameJson } from "../trace/same-event.ts";
import { episode } from "./episodes.ts";
import { Findings, type ConformanceCheck } from "./report.ts";

const POLICIES: ReadonlySet<string> = new Set<PolicyKind>([
  "model",
  "tiny-policy",
  "rule",
  "oracle",
  "recorded",
  "scripted",
]);

/** Judges the laws of a model. One that needs the network is not called. */
export async function modelLaws(
  definition: ModelDefinition,
  options: JsonObject,
  metadata: PluginMetadata,
): Promise<ConformanceCheck[]> {
  const findings = new Findings();
  let client: ModelClient;
  try {
    client = await definition.create(options);
  } catch (thrown) {
    findings.against("client", `Making the client failed: ${messageOf(thrown)}`);
    return [findings.check("client", "")];
  }
  if (typeof client.id !== "string" || client.id === "")
    findings.against("client", "The client has no id.");
  if (!POLICIES.has(client.policy))
    findings.against("client", `The policy ${JSON.stringify(client.policy)} is unknown.`);
  const checks = [findings.check("client", `${client.id}, policy ${client.policy}`)];
  if (metadata.capabilities?.net?.length) return checks;

  const [first, second] = [await answerOf(client), await answerOf(client)];
  if (first.problem !== undefined) findings.against("answers", first.problem);
  else if (!sameJson(first.response, second.response)) {
    findings.against("answers", "The same request with the same seed got two different answers.");
  }
  checks.push(findings.check("answers", "answers a request, and the same again for the same seed"));
  return checks;
}

/** One answer through the real runtime, which checks its shape. */
async function answerOf(client: ModelClient): Promise<{ response?: unknown; problem?: string }> {
  const { task, tools } = episode("tools");
  const sink = createMemorySink();
  const harness = await defineHarness({
    name: "conformance",
    limits: { maxSteps: 1, modelTimeoutMs: 10_000 },
  });
  const result = await createAgent({ harness, models: { main: client } }).run(task, {
    seed: 7,
    tools,
    trace: () => sink,
  });
  if (result.error) return { problem: result.error.message };
  const answer = sink.events.find((event) => event.type === "model.response");
  return {
    response: answer && { content: answer.content, calls: answer.toolCalls, finish: answer.finish },
  };
}

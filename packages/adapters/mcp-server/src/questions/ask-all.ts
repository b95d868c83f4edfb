import { randomUUID } from "node:crypto";
import type { InputRequest, ServerContext } from "@modelcontextprotocol/server";

/**
 * Puts questions to the client while its request stays open, as was done before 2026-07-28. A
 * question that the client fails to answer, or not before `over` aborts, has no answer in what this
 * resolves to.
 */
export async function askAll(
  questions: Readonly<Record<string, InputRequest>>,
  { mcpReq }: ServerContext,
  { timeout, over }: { readonly timeout: number; readonly over: AbortSignal },
): Promise<Readonly<Record<string, unknown>>> {
  const signal = AbortSignal.any([mcpReq.signal, over]);
  const answers = Object.entries(questions).map(async ([id, question]) => {
    const answer = await mcpReq
      .send(asBefore(question), { timeout, signal })
      .catch(() => undefined);
    return [id, answer] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

/** A page to visit had an id of its own. */
function asBefore(
  question: InputRequest,
): Parameters<ServerContext["mcpReq"]["send"]>[0] & { method: "elicitation/create" } {
  const params = { ...(question.params as Record<string, unknown>) };
  return {
    method: "elicitation/create",
    params: "url" in params ? { ...params, elicitationId: randomUUID() } : params,
  };
}

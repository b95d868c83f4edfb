import { answerChat } from "./chat/answer.ts";
import { readChatRequest } from "./chat/request.ts";
import { readJson } from "./http/body.ts";
import { sendJson, type Exchange } from "./http/exchange.ts";
import { badRequest, Failure } from "./http/failure.ts";
import { answerResponses } from "./responses/answer.ts";
import { readResponsesRequest } from "./responses/request.ts";
import type { Fields } from "./run/fields.ts";
import type { Runner } from "./run/runner.ts";

/** The path that is answered without a token. */
export const HEALTH = "/health";

/** Answers one request. Throws a `Failure` for what it does not answer. */
export async function route(
  exchange: Exchange,
  runner: Runner,
  facts: { readonly maxBodyBytes: number; readonly since: number },
): Promise<void> {
  const { method = "", url = "" } = exchange.request;
  const path = url.split("?", 1)[0]!.replace(/(?<=.)\/$/, "");
  const body = async (): Promise<Fields> => {
    const fields = await readJson(exchange.request, facts.maxBodyBytes);
    requireModel(fields["model"], runner.name);
    return fields;
  };
  const model = { id: runner.name, object: "model", created: facts.since, owned_by: "harnessx" };
  switch (`${method} ${path}`) {
    case `GET ${HEALTH}`:
      return sendJson(exchange, { status: "ok" });
    case "GET /v1/models":
      return sendJson(exchange, { object: "list", data: [model] });
    case `GET /v1/models/${encodeURIComponent(runner.name)}`:
      return sendJson(exchange, model);
    case "POST /v1/chat/completions":
      return answerChat(exchange, runner, readChatRequest(await body(), runner.options));
    case "POST /v1/responses":
      return answerResponses(exchange, runner, readResponsesRequest(await body(), runner.options));
    default:
      throw new Failure(404, "not_found_error", "There is nothing at this address.", {
        code: "unknown_url",
      });
  }
}

function requireModel(model: unknown, name: string): void {
  if (model === name) return;
  if (typeof model !== "string") throw badRequest("model must be a text.", "model");
  throw new Failure(404, "not_found_error", `There is no model ${model.slice(0, 200)}.`, {
    code: "model_not_found",
    param: "model",
  });
}

import type { JsonObject, Part } from "@harnessx/core/plugin";
import { textOf } from "@harnessx/core/plugin";
import type { McpOptions } from "../options.ts";
import type { McpCall } from "../session/call.ts";

interface SamplingContent {
  readonly type: string;
  readonly text?: string;
  readonly data?: string;
  readonly mimeType?: string;
}

interface SamplingParams {
  readonly messages?: readonly {
    readonly role: "user" | "assistant";
    readonly content: SamplingContent | readonly SamplingContent[];
  }[];
  readonly systemPrompt?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly stopSequences?: readonly string[];
}

/** As much of a prompt as a person is shown for approval. */
const SHOWN = 2000;

/** Lets the harness's own model write what a server asked for, when the person behind the run agrees. */
export async function answerSampling(
  server: string,
  params: JsonObject,
  call: McpCall,
  { role, approval, maxTokens }: McpOptions["sampling"],
): Promise<JsonObject> {
  const wanted = params as unknown as SamplingParams;
  const { system, user } = promptOf(wanted);
  if (approval === "ask") {
    const shown = [system, textOf(user)].filter(Boolean).join("\n\n").slice(0, SHOWN);
    const message = `MCP server ${server} wants a model to answer:\n\n${shown}`;
    const { action } = await call.context.ask({ message });
    if (action !== "accept") throw new Error("The user declined the sampling request");
  }
  const { temperature, stopSequences: stop } = wanted;
  const response = await call.context.model(role).generate({
    ...(system === undefined ? {} : { system }),
    user,
    sampling: {
      maxTokens: Math.min(wanted.maxTokens ?? maxTokens, maxTokens),
      ...(temperature === undefined ? {} : { temperature }),
      ...(stop === undefined ? {} : { stop }),
    },
  });
  return {
    role: "assistant",
    content: { type: "text", text: textOf(response.content) },
    model: role,
    stopReason: response.finish === "length" ? "maxTokens" : "endTurn",
  };
}

/** A conversation as one prompt: the model behind a role takes a system text and a user's message. */
function promptOf({ messages = [], systemPrompt }: SamplingParams): {
  readonly system: string | undefined;
  readonly user: readonly Part[];
} {
  const alone = messages.length === 1;
  const user = messages.flatMap(({ role, content }): Part[] => {
    const parts = [content].flat().map((block) => partOf(block as SamplingContent));
    return alone
      ? parts
      : [{ type: "text", text: role === "user" ? "User:" : "Assistant:" }, ...parts];
  });
  return { system: systemPrompt, user };
}

function partOf({ type, text, data, mimeType }: SamplingContent): Part {
  if (type === "text") return { type: "text", text: text ?? "" };
  if (type === "image" && data !== undefined)
    return { type: "image", data, mediaType: mimeType ?? "image/png" };
  return { type: "text", text: `[${type} left out]` };
}

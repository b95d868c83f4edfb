import type { PastTurn } from "@harnessx/core/plugin";
import { badRequest } from "../http/failure.ts";
import type { Content } from "./content.ts";
import type { AskedTask } from "./runner.ts";
import type { AgentOptions } from "./settings.ts";

/** A message of a client. */
export interface GivenMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: Content;
  /** Where it stands in the request. */
  readonly at: string;
}

/** Makes a task of a conversation: the last message is the task, those before it are its history. */
export function taskOf(
  messages: readonly GivenMessage[],
  system: AgentOptions["system"] = "text",
): Omit<AskedTask, "seed"> {
  const told = messages.filter(({ role }) => role === "system");
  const said = messages.filter(({ role }) => role !== "system");
  const last = said.at(-1);
  if (last?.role !== "user") throw badRequest("The last message must be the user's.", "messages");
  if (told[0] && system === "refuse")
    throw badRequest("This agent takes no system messages.", told[0].at);
  const instructions =
    system === "text"
      ? told
          .map(({ content }) => content.text)
          .filter(Boolean)
          .join("\n\n")
      : "";
  const { text, images } = last.content;
  if (text.trim() === "" && images.length === 0)
    throw badRequest("The last message is empty.", last.at);
  return {
    text: instructions === "" ? text : `${instructions}\n\n${text}`,
    images,
    history: turnsOf(said.slice(0, -1)),
  };
}

/** Earlier turns; a harness keeps texts of them and no pictures. */
function turnsOf(messages: readonly GivenMessage[]): readonly PastTurn[] {
  return messages.flatMap(({ role, content: { text, images } }) => {
    const shown = [text, ...images.map(() => "[image]")].filter(Boolean).join("\n");
    return role === "system" || shown === "" ? [] : [{ role, text: shown }];
  });
}

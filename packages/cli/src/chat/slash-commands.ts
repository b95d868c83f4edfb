import type { LoadedHarness } from "@harnessx/core";
import type { Totals } from "@harnessx/core/plugin";
import { count, money, oneLine, plural, shortHash } from "../output/text.ts";
import type { Session } from "../session.ts";

/** What a slash command may look at. */
export interface ChatView {
  readonly harness: LoadedHarness;
  readonly model: string;
  /** Of the present run; none before the first message. */
  readonly runId: string | undefined;
  readonly tracePath: string | undefined;
  readonly totals: Totals | undefined;
}

/** What the conversation does after a slash command. */
export type AfterCommand = "ask again" | "new conversation" | "leave" | "end";

interface SlashCommand {
  readonly name: string;
  readonly also?: readonly string[];
  readonly summary: string;
  run(session: Session, view: ChatView): AfterCommand;
}

const slashCommands: readonly SlashCommand[] = [
  {
    name: "help",
    also: ["?"],
    summary: "what can be typed",
    run(session) {
      for (const { name, also = [], summary } of slashCommands)
        session.print(
          `${[name, ...also]
            .map((one) => `/${one}`)
            .join(", ")
            .padEnd(14)} ${session.style.dim(summary)}`,
        );
      session.print(session.style.dim("A line that ends with \\ goes on in the next one."));
      return "ask again";
    },
  },
  {
    name: "tools",
    summary: "the tools that the agent has",
    run(session, { harness }) {
      if (harness.tools.length === 0) session.print("The harness has no tools.");
      for (const { name, description } of harness.tools)
        session.print(
          `${name}  ${session.style.dim(oneLine(description, session.width - name.length - 2))}`,
        );
      return "ask again";
    },
  },
  {
    name: "harness",
    summary: "the processors and the hash of the harness",
    run(session, { harness }) {
      session.print(`${harness.manifest.name} ${session.style.dim(shortHash(harness.hash))}`);
      for (const { id, use, version } of harness.processors)
        session.print(`${id}  ${session.style.dim(`${use} ${version}`)}`);
      return "ask again";
    },
  },
  {
    name: "model",
    summary: "which model answers",
    run(session, { model }) {
      session.print(model);
      return "ask again";
    },
  },
  {
    name: "cost",
    summary: "tokens and money of this conversation",
    run(session, { totals }) {
      session.print(
        totals
          ? `${plural(totals.modelCalls, "model call")}, ${plural(totals.toolCalls, "tool call")}, ${count(totals.inputTokens)} tokens in, ${count(totals.outputTokens)} out, ${money(totals.costUsd)}`
          : "Nothing has been spent.",
      );
      return "ask again";
    },
  },
  {
    name: "trace",
    summary: "where this conversation is recorded",
    run(session, { tracePath }) {
      session.print(tracePath ?? "Nothing has been said.");
      return "ask again";
    },
  },
  {
    name: "new",
    also: ["clear"],
    summary: "a new conversation that knows nothing of this one",
    run: () => "new conversation",
  },
  { name: "end", summary: "end this conversation and leave", run: () => "end" },
  {
    name: "quit",
    also: ["exit"],
    summary: "leave; hx chat --resume goes on later",
    run: () => "leave",
  },
];

/** Carries out a line that begins with a slash. */
export function slashCommand(session: Session, line: string, view: ChatView): AfterCommand {
  const word = line.slice(1).split(/\s/)[0]!.toLowerCase();
  const found = slashCommands.find(({ name, also = [] }) => name === word || also.includes(word));
  if (found) return found.run(session, view);
  session.print(session.style.yellow(`There is no /${word}; /help lists what there is.`));
  return "ask again";
}

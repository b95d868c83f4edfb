import {
  defineProcessor,
  type AfterModelEvent,
  type JsonObject,
  type Message,
  type ModelResponse,
} from "@harnessx/core/plugin";
import { atStart, Conversation, type Position } from "./conversation.ts";
import { writeWhole } from "./file.ts";
import { Lines } from "./lines.ts";
import type { TrajectoryRecorderOptions } from "./options.ts";
import { annotate, endLine } from "./outcome.ts";
import { Redactor } from "./redactor.ts";
import { turnOf, type Turn, type TurnTools } from "./turn.ts";

export type { Redaction, TrajectoryRecorderOptions } from "./options.ts";

/** What is recorded so far; survives a swap. */
type Trajectory = {
  position: Position;
  lines: JsonObject[];
  redacted: { count: number };
};

/** Writes each run as one file of training data when it ends. Changes nothing that happens in it. */
export default defineProcessor<TrajectoryRecorderOptions>((run, options) => {
  const cell = run.cell<Trajectory>("trajectory", {
    position: atStart(),
    lines: [],
    redacted: { count: 0 },
  });
  const { position, lines, redacted } = cell.value as Trajectory;
  const redactor = new Redactor(options.redact, redacted);
  const render = new Lines(redactor, options.images);
  const written = lines.flatMap(({ type, id }) => (type === "message" ? [id as number] : []));
  const conversation = new Conversation(position, render, written, (line) => lines.push(line));
  const turns = lines.filter((line): line is Turn => line["type"] === "turn");
  /** The turn whose message is not there yet. */
  let open: { readonly turn: Turn; readonly response: ModelResponse } | undefined;
  /** The attempt that a model was asked for. */
  let asked = "";
  /** The turn that shows the tools which are offered now. */
  let shown: { readonly names: string; readonly turn: number } | undefined;

  if (lines.length === 0) {
    const { id, text, metadata } = run.task;
    const task = {
      id,
      text: redactor.text(text),
      ...(metadata === undefined ? {} : { metadata: redactor.json(metadata) }),
    };
    lines.push({ type: "start", v: 1, run: run.id, at: run.clock.now(), task });
  }

  run.hooks.stepStart.tap("notice edits", (event) => {
    if (event.edits.some(({ op }) => op !== "tools")) conversation.restart();
  });

  // Not called where an earlier processor answers in place of the model.
  run.hooks.beforeModel.tap("notice calls", ({ step, attempt }) => {
    asked = `${step}/${attempt}`;
  });

  run.hooks.afterModel.tap("record turn", (event) => {
    close([]);
    const { request, response } = event;
    const history = run.state.messages;
    conversation.follow(history);
    const messages = conversation.requestRanges(history, request.messages);
    const tools = toolsOf(event);
    const turn = turnOf(event, {
      index: turns.length,
      messages,
      tools,
      isIntercepted: asked !== `${event.step}/${event.attempt}`,
      isRedacted: redacted.count > 0 || !isClean(response),
    });
    turns.push(turn);
    lines.push(turn);
    open = { turn, response };
  });

  run.hooks.stepEnd.tap("record step", () => {
    close(conversation.follow(run.state.messages));
  });

  run.hooks.taskEnd.tap("write", async (event) => {
    // The end of a run may come in the middle of a step.
    close(conversation.follow(run.state.messages));
    annotate(turns, event.evaluations, redactor, options);
    lines.push(endLine(event, turns.length, redacted, redactor, options));
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const name = `${run.id}.jsonl`;
    await run.recorded("trajectory-recorder: written", () =>
      writeWhole(options.folder, name, text, options.maxBytes),
    );
  });

  /** Ties the open turn to the message that was made from it. */
  const close = (added: readonly Message[]): void => {
    if (!open) return;
    const { turn, response } = open;
    open = undefined;
    const answer = added.find(({ role }) => role === "assistant");
    if (answer) {
      turn.answer = answer.id;
      return;
    }
    turn.dropped = {
      content: render.content(response.content),
      toolCalls: render.calls(response.toolCalls),
    };
    if (turn.mask === 1) turn.masked = "dropped";
    turn.mask = 0;
  };

  const toolsOf = ({ request }: AfterModelEvent): TurnTools => {
    const names = request.tools.map((tool) => tool.name).join("\n");
    if (shown?.names === names) return { tools: [], toolsOf: shown.turn };
    shown = { names, turn: turns.length };
    const specs = request.tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema,
    }));
    return { tools: redactor.json(specs) };
  };

  const isClean = ({ content, toolCalls }: ModelResponse): boolean => {
    const found = { count: 0 };
    const trial = new Lines(new Redactor(options.redact, found), false);
    trial.content(content);
    trial.calls(toolCalls);
    return found.count === 0;
  };
});

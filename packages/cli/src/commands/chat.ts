import type { Command } from "commander";
import { answerer } from "../answering.ts";
import { approveOption, approver, type ApproveMode } from "../approval.ts";
import { chatDefaults } from "../chat/defaults.ts";
import { Conversation, type Resumable } from "../chat/conversation.ts";
import { act, collect, command, integer } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { openHarness } from "../harness.ts";
import { mainModel, openModels, type ModelChoice } from "../models.ts";
import { shortHash } from "../output/text.ts";
import { traceFolder } from "../paths.ts";
import type { Session } from "../session.ts";
import { tracePath } from "../trace-path.ts";

interface Options extends ModelChoice {
  readonly harness?: string;
  readonly resume?: string | true;
  readonly seed: number;
  readonly maxSteps: number;
  readonly traceDir: string;
  readonly approve: ApproveMode;
  readonly interruptOn?: readonly string[];
}

/** `hx chat`. */
export function chatCommand(session: Session): Command {
  const made = command("chat", {
    summary: "talk with an agent in the terminal",
    more:
      "Answers stream; tool calls show as they happen and wait for approval where the harness asks for it. " +
      "/help lists what can be typed. Ctrl-C stops an answer, and at the prompt it leaves. " +
      "Every conversation is a trace; --resume goes on with one. Lines can also be piped in.",
    examples: [
      "hx chat --harness harness.json --models models.json",
      "hx chat --resume",
      "printf 'Hello\\n' | hx chat --models models.json --json",
    ],
  })
    .argument("[text]", "the first message")
    .option(
      "--harness <file>",
      "harness.json or its folder (default: the one here, if there is one)",
    )
    .option("--models <file>", "models.json (default: the one here, if there is one)")
    .option("--model <name>", "one model: a package or a folder")
    .option(
      "--resume [run]",
      "go on with a conversation: a run id or its start (default: the latest)",
    )
    .option("--seed <n>", "of every random choice", integer(0), 1)
    .option("--max-steps <n>", "limit of steps of one answer", integer(1), 50)
    .option("--trace-dir <dir>", "where the trace goes", traceFolder)
    .option("--interrupt-on <tool>", "calls of this tool need approval; may be repeated", collect)
    .addOption(approveOption());
  return act<Options>(session, made, (options, text) => chat(session, options, text));
}

async function chat(
  session: Session,
  options: Options,
  text: string | undefined,
): Promise<ExitCode> {
  if (options.resume !== undefined && text !== undefined)
    throw new UsageError(
      "A first message and --resume exclude each other.",
      "Resume first, then type the message.",
    );
  const { createAgent } = await import("@harnessx/core");
  const files = await chatDefaults(session, options);
  const models = await openModels(session, files);
  const harness = await openHarness(session, files.harness);
  const resume = options.resume === undefined ? undefined : await openTrace(session, options);
  const { model, policy } = mainModel(models);
  const reader = session.io.lines();
  const conversation = new Conversation({
    session,
    reader,
    model,
    agent: createAgent({ harness, models }),
    traceDir: options.traceDir,
    maxSteps: options.maxSteps,
    options: {
      seed: options.seed,
      // Of the whole conversation: each answer has a limit of its own.
      limits: { maxSteps: Number.MAX_SAFE_INTEGER },
      ...(options.interruptOn ? { interruptOn: options.interruptOn } : {}),
      ...approvals(session, options.approve),
      ...answers(session),
    },
  });
  const release = session.io.onInterrupt(() => {
    // At the prompt there is nothing to stop: the end of the input leaves.
    if (!conversation.stop()) reader.close();
  });
  session.print(
    `${session.style.bold(harness.manifest.name)} ${session.style.dim(shortHash(harness.hash))}   ${model} (${policy})   ${session.style.dim("/help")}`,
  );
  try {
    const end = await conversation.hold(text, resume);
    if (end.open !== undefined)
      session.print(session.style.dim(`hx chat --resume ${end.open} goes on with it.`));
    session.result({ ...end, model, policy, harness: harness.hash });
    return end.failed ? exitCode.failed : exitCode.ok;
  } finally {
    release();
    reader.close();
  }
}

function approvals(session: Session, mode: ApproveMode) {
  const signal = new AbortController().signal;
  const approve = approver(session, mode, signal);
  // A conversation cannot park: nobody could answer later.
  return {
    approve: approve ?? (() => ({ decision: "refuse", reason: "nobody can be asked" }) as const),
  };
}

function answers(session: Session) {
  const answer = answerer(session);
  return answer ? { answer } : {};
}

async function openTrace(session: Session, options: Options): Promise<Resumable> {
  const { readTrace, repairTrace } = await import("@harnessx/core");
  const given = options.resume === true ? "latest" : options.resume!;
  const path = await tracePath(session, given, options.traceDir);
  await repairTrace(path);
  const { events } = await readTrace(path);
  return { path, events };
}

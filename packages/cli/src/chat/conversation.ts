import type {
  Agent,
  ResumeOptions,
  RunOptions,
  RunResult,
  StreamItem,
  TraceEvent,
} from "@harnessx/core";
import type { PastTurn, Totals } from "@harnessx/core/plugin";
import { join } from "node:path";
import type { LineReader } from "../io.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";
import { ChatPrinter } from "./printer.ts";
import { slashCommand } from "./slash-commands.ts";

/** What a conversation is held with. */
export interface ConversationParts {
  readonly session: Session;
  readonly reader: LineReader;
  readonly agent: Agent;
  readonly model: string;
  readonly traceDir: string;
  /** Of one answer. */
  readonly maxSteps: number;
  readonly options: Pick<RunOptions, "approve" | "answer" | "seed" | "limits" | "interruptOn">;
}

/** How a conversation ended. */
export interface ConversationEnd {
  readonly runs: readonly string[];
  readonly turns: readonly PastTurn[];
  readonly totals: Totals;
  /** The run that `--resume` goes on with; none when it has ended. */
  readonly open: string | undefined;
  readonly failed: boolean;
}

const NOTHING: Totals = {
  steps: 0,
  modelCalls: 0,
  toolCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  skippedFaults: 0,
};

/** What a line of the user came to. */
type Said = { readonly text: string } | "new conversation" | "leave" | "end";

/**
 * A conversation with an agent: one run for as long as nothing stops it, so that its trace resumes
 * with everything that processors know. After Ctrl-C or a failure a new run goes on with what was said.
 */
export class Conversation {
  readonly #parts: ConversationParts;
  readonly #printer: ChatPrinter;
  readonly #runs: string[] = [];
  #turns: PastTurn[] = [];
  /** Of the runs before the present one, and of the present one. */
  #spent: Totals = NOTHING;
  #now: Totals = NOTHING;
  #began = 0;
  #run: string | undefined;
  #failed = false;
  /** Ends the answer that is being given. */
  #stop: ((reason?: string) => void) | undefined;
  /** Of the answer that is being given. */
  #steps = 0;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.#printer = new ChatPrinter(parts.session);
  }

  /** Ctrl-C: stops an answer; false when there is none to stop. */
  stop(): boolean {
    this.#stop?.();
    return this.#stop !== undefined;
  }

  /** Talks until the user leaves. `resume` is a trace to go on with. */
  async hold(first: string | undefined, resume?: Resumable): Promise<ConversationEnd> {
    let said: Said =
      resume || first === undefined || first.trim() === ""
        ? await this.#resumeOr(resume)
        : { text: first };
    for (;;) {
      if (said === "leave" || said === "end") return this.#end(said === "leave");
      if (said === "new conversation") {
        this.#turns = [];
        said = await this.#listen();
        continue;
      }
      said = await this.#talk(said.text);
    }
  }

  /** Plays a trace and goes on with it; a run that has ended only gives what was said. */
  async #resumeOr(resume: Resumable | undefined): Promise<Said> {
    if (!resume) return this.#listen();
    const { path, events } = resume;
    const last = events.at(-1);
    if (last?.type === "run.end") {
      for (const event of events) this.#printer.event(event, true);
      this.#turns = turnsOf(events);
      return this.#listen();
    }
    const { agent, options } = this.#parts;
    return this.#carry(events[0]?.type === "run.start" ? events[0].run : "", (more) =>
      agent.resume(path, {
        ...options,
        ...more,
        onItem: (item) => {
          const past = item.type === "event" && item.event.seq < events.length;
          if (past) this.#printer.event(item.event, true);
          else this.#live(item);
        },
      }),
    );
  }

  /** One run, from a message to where the user leaves or it stops. */
  #talk(text: string): Promise<Said> {
    const { agent, options, session, traceDir } = this.#parts;
    const dir = session.path(traceDir);
    const history = this.#turns;
    this.#turns = [...history, { role: "user", text }];
    const task = history.length > 0 ? { text, history } : text;
    return this.#carry(undefined, (more) => {
      const onItem = (item: StreamItem): void => this.#live(item);
      const { runId, result } = agent.start(task, { ...options, ...more, onItem, trace: { dir } });
      this.#begin(runId);
      return result;
    });
  }

  /** Prints what happens now; an answer that goes on and on is stopped. */
  #live(item: StreamItem): void {
    this.#printer.item(item);
    if (item.type !== "event" || item.event.type !== "step.start") return;
    this.#steps += 1;
    const { maxSteps } = this.#parts;
    if (this.#steps > maxSteps) this.#stop?.(`The answer took more than ${maxSteps} steps.`);
  }

  #begin(runId: string): void {
    this.#run = runId;
    this.#runs.push(runId);
  }

  async #carry(
    runId: string | undefined,
    run: (more: Pick<ResumeOptions, "signal" | "user">) => Promise<RunResult>,
  ): Promise<Said> {
    if (runId !== undefined) this.#begin(runId);
    const stopping = new AbortController();
    let left: ((said: Said) => void) | undefined;
    const leaving = new Promise<Said>((resolve) => (left = resolve));
    let next: Said | undefined;
    const answering = (): void => {
      this.#began = Date.now();
      this.#steps = 0;
      this.#stop = (reason = "Stopped by the user.") => stopping.abort(new Error(reason));
    };
    answering();
    const running = run({
      signal: stopping.signal,
      user: async ({ output, totals }) => {
        this.#stop = undefined;
        this.#answered(output, totals);
        const said = await this.#listen();
        if (said === "leave") {
          // The run stays open: its trace is what a later --resume goes on with.
          left!(said);
          return new Promise<never>(() => undefined);
        }
        if (typeof said === "string") {
          next = said;
          return undefined;
        }
        this.#turns.push({ role: "user", text: said.text });
        answering();
        return said.text;
      },
    });
    const ended = await Promise.race([running.then((result) => ({ result })), leaving]);
    this.#stop = undefined;
    if (typeof ended === "string" || !("result" in ended)) return ended;
    this.#over(ended.result);
    return next ?? this.#listen();
  }

  /** An answer stands: what it cost is said. */
  #answered(output: string, totals: Totals): void {
    this.#turns.push({ role: "assistant", text: output });
    // A resumed conversation begins where an answer was already paid for.
    if (this.#steps > 0) this.#printer.cost(this.#now, totals, Date.now() - this.#began);
    this.#now = totals;
  }

  /** A run has ended: by the user's wish, or by what stopped it. */
  #over({ exit, reason, error, totals }: RunResult): void {
    const { session } = this.#parts;
    this.#spent = sum(this.#spent, totals);
    this.#now = NOTHING;
    this.#run = undefined;
    this.#failed = exit !== "done" && exit !== "aborted";
    if (exit === "done") return;
    session.print(session.style.yellow(`(${exit}${reason ? `: ${reason}` : ""})`));
    if (error) session.print(session.style.dim(error.hint));
  }

  /** The next thing that the user says; slash commands are carried out. */
  async #listen(): Promise<Said> {
    const { session, reader, agent, model } = this.#parts;
    for (;;) {
      const line = await this.#read(reader);
      if (line === undefined) return "leave";
      if (line.trim() === "") continue;
      if (!line.startsWith("/")) return { text: line };
      const after = slashCommand(session, line, {
        harness: agent.harness,
        model,
        runId: this.#run,
        tracePath: this.#run === undefined ? undefined : this.#traceOf(this.#run),
        totals: this.#runs.length > 0 ? sum(this.#spent, this.#now) : undefined,
      });
      if (after !== "ask again") return after;
    }
  }

  /** A line, or several that end with a backslash. */
  async #read(reader: LineReader): Promise<string | undefined> {
    const { style } = this.#parts.session;
    let text = await reader.read(style.bold("› "));
    while (text?.endsWith("\\")) {
      const more = await reader.read(style.dim("… "));
      text = `${text.slice(0, -1)}\n${more ?? ""}`;
    }
    return text;
  }

  #traceOf(runId: string): string {
    const { session, traceDir } = this.#parts;
    return relativePath(session.io.cwd, join(session.path(traceDir), `${runId}.jsonl`));
  }

  #end(open: boolean): ConversationEnd {
    return {
      runs: this.#runs,
      turns: this.#turns,
      totals: sum(this.#spent, this.#now),
      open: open ? this.#run : undefined,
      failed: this.#failed,
    };
  }
}

/** A trace that a conversation goes on with. */
export interface Resumable {
  readonly path: string;
  readonly events: readonly TraceEvent[];
}

/** What user and agent said in a run that has ended. */
function turnsOf(events: readonly TraceEvent[]): PastTurn[] {
  const texts = new Map<number, string>();
  const turns: PastTurn[] = [];
  const textOf = (content: readonly { readonly type: string }[] = []): string =>
    content
      .map((part) => (part.type === "text" ? (part as { text?: string }).text : undefined))
      .filter((text) => text !== undefined)
      .join("\n");
  for (const event of events) {
    if (event.type === "model.response") texts.set(event.seq, textOf(event.content));
    if (event.type !== "message" || event.ephemeral) continue;
    if (event.role !== "user" && event.role !== "assistant") continue;
    const text = event.of === undefined ? textOf(event.content) : (texts.get(event.of) ?? "");
    if (text !== "") turns.push({ role: event.role, text });
  }
  return turns;
}

function sum(a: Totals, b: Totals): Totals {
  const added = Object.entries(a).map(([key, value]) => [key, value + b[key as keyof Totals]]);
  return Object.fromEntries(added) as unknown as Totals;
}

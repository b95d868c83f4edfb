import type {
  AskedByTool,
  PendingApproval,
  RunHandle,
  RunOptions,
  RunResult,
  StreamItem,
} from "@harnessx/core";
import type { InputRequest } from "@modelcontextprotocol/server";
import type { Answer } from "@harnessx/core/plugin";
import { approvalQuestion, toolQuestion, type AskedQuestion } from "../questions/question.ts";
import { StepWatch, type Step } from "./step-watch.ts";

/** Answers that do not fit before a question counts as cancelled. */
const MAX_TRIES = 3;

/** What comes next of a run: its end, or questions that a person has to answer first. */
export type Turn =
  | { readonly type: "ended"; readonly result: RunResult }
  | { readonly type: "asks"; readonly questions: Readonly<Record<string, InputRequest>> };

/** What a client can do for a run. */
export interface Abilities {
  /** A person can fill a form. */
  readonly form: boolean;
  /** A person can be sent to a page. */
  readonly url: boolean;
}

interface Open {
  readonly asked: AskedQuestion;
  tries: number;
}

/** The part of a run's options that a live run takes care of. */
export type LiveOptions = Required<Pick<RunOptions, "approve" | "answer" | "onItem">>;

/** A run whose questions are answered from outside, in as many rounds as it takes. */
export class LiveRun {
  readonly #handle: RunHandle;
  readonly #over = new AbortController();
  readonly #open = new Map<string, Open>();
  readonly #steps: StepWatch;
  #asked = 0;
  #wake: () => void = () => undefined;
  #onStep: (step: Step) => void = () => undefined;

  constructor(
    start: (options: LiveOptions) => RunHandle,
    abilities: Abilities,
    onItem: (item: StreamItem) => void,
  ) {
    this.#steps = new StepWatch((step) => this.#onStep(step));
    this.#handle = start({
      approve: (pending) => this.#approve(pending, abilities),
      answer: (question) => this.#answer(question, abilities),
      onItem: (item) => {
        onItem(item);
        this.#steps.item(item);
      },
    });
    void this.#handle.result.then(() => this.#over.abort());
  }

  /** Aborts when the run has ended. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  get result(): Promise<RunResult> {
    return this.#handle.result;
  }

  get runId(): string {
    return this.#handle.runId;
  }

  /** Who hears of steps from now on. */
  watch(onStep: (step: Step) => void): void {
    this.#onStep = onStep;
  }

  abort(reason: string): void {
    this.#handle.abort(reason);
  }

  /** Resolves when the run has ended or cannot go on without a person. */
  async next(): Promise<Turn> {
    const asked = new Promise<undefined>((resolve) => (this.#wake = () => resolve(undefined)));
    if (this.#open.size === 0) {
      const result = await Promise.race([this.#handle.result, asked]);
      if (result) return { type: "ended", result };
    }
    const questions = [...this.#open].map(
      ([
        id,
        {
          asked: { request },
        },
      ]) => [id, request] as const,
    );
    return { type: "asks", questions: Object.fromEntries(questions) };
  }

  /** Takes a client's answers; what is missing or does not fit is asked again, and at last cancelled. */
  take(responses: Readonly<Record<string, unknown>>): void {
    for (const [id, open] of this.#open) {
      const given = Object.hasOwn(responses, id) ? responses[id] : undefined;
      open.tries += 1;
      if (open.asked.take(given)) this.#open.delete(id);
      else if (open.tries >= MAX_TRIES) {
        this.#open.delete(id);
        open.asked.cancel();
      }
    }
  }

  async #approve(pending: PendingApproval, { form }: Abilities) {
    if (!form) return { decision: "refuse", reason: "The client cannot ask a person." } as const;
    const answered = await this.#ask((settle) => approvalQuestion(pending, settle));
    const allowed =
      answered.action === "accept" &&
      (answered.content as { allow?: unknown } | undefined)?.allow === true;
    return allowed
      ? ({ decision: "approve", reason: "asked over MCP" } as const)
      : ({ decision: "refuse", reason: "refused when asked over MCP" } as const);
  }

  async #answer(question: AskedByTool, { form, url }: Abilities): Promise<Answer> {
    if (!(question.url === undefined ? form : url)) return { action: "cancel" };
    return this.#ask((settle) => toolQuestion(question, settle), question.signal);
  }

  #ask(
    make: (settle: (answer: Answer) => void) => AskedQuestion,
    signal?: AbortSignal,
  ): Promise<Answer> {
    return new Promise((resolve) => {
      const id = `question-${(this.#asked += 1)}`;
      const asked = make(resolve);
      this.#open.set(id, { asked, tries: 0 });
      signal?.addEventListener("abort", () => {
        this.#open.delete(id);
        asked.cancel();
      });
      this.#wake();
    });
  }
}

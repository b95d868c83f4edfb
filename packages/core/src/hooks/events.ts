import type {
  AfterModelEvent,
  AfterToolEvent,
  BeforeModelEvent,
  BeforeToolEvent,
  BudgetView,
  Edit,
  Evaluation,
  StepEndEvent,
  StepStartEvent,
  Task,
  TaskEndEvent,
  TaskStartEvent,
} from "../plugin/events.ts";
import type { ExitReason, Totals } from "../plugin/outcome.ts";
import {
  textOf,
  type Message,
  type MessageList,
  type Part,
  type ToolCall,
  type UserMessage,
} from "../plugin/message.ts";
import type {
  FinishReason,
  ModelRequest,
  ModelResponse,
  Sampling,
  Usage,
} from "../plugin/model.ts";
import type { ToolSpec } from "../plugin/tool-spec.ts";
import type { Tool, ToolResult } from "../plugin/tool.ts";
import { frozenJson } from "../boundary/json.ts";
import { cleanCalls } from "../boundary/response.ts";
import { hxError } from "../errors/index.ts";
import { messageList, toParts, type HistoryView } from "../run/history.ts";

const NO_EDITS: readonly Edit[] = Object.freeze([]);

/** Ids that placeholders carry until the runtime commits the request. */
export const DRAFT_LAST_USER = -1;
export const DRAFT_APPENDED = -2;
export const DRAFT_SUMMARY = -3;

/**
 * Events are frozen, and a changed one remembers the event that the runtime made: so a verdict
 * cannot smuggle in an object that was made elsewhere or kept from an earlier step.
 */
export abstract class RuntimeEvent {
  readonly edits: readonly Edit[];
  readonly #origin: RuntimeEvent;

  protected constructor(from: RuntimeEvent | undefined, edit: Edit | undefined) {
    this.#origin = from ? from.#origin : this;
    this.edits = from && edit ? Object.freeze([...from.edits, Object.freeze(edit)]) : NO_EDITS;
  }

  /** Whether `candidate` came from `event` by `with…` methods. */
  static derives(candidate: unknown, event: RuntimeEvent): boolean {
    return (
      typeof candidate === "object" &&
      candidate !== null &&
      #origin in candidate &&
      candidate.#origin === event.#origin
    );
  }
}

export class TaskStart extends RuntimeEvent implements TaskStartEvent {
  readonly hook = "taskStart";
  readonly task: Task;
  readonly tools: readonly ToolSpec[];
  readonly system: string;

  constructor(
    task: Task,
    tools: readonly ToolSpec[],
    system: string,
    from?: TaskStart,
    edit?: Edit,
  ) {
    super(from, edit);
    this.task = task;
    this.tools = tools;
    this.system = system;
    Object.freeze(this);
  }

  withSystem(text: string): TaskStart {
    return new TaskStart(this.task, this.tools, String(text), this, {
      op: "system",
      text: String(text),
    });
  }

  appendSystem(text: string): TaskStart {
    const joined = this.system === "" ? String(text) : `${this.system}\n\n${text}`;
    return new TaskStart(this.task, this.tools, joined, this, {
      op: "appendSystem",
      text: String(text),
    });
  }
}

interface StepStartFields {
  readonly step: number;
  readonly history: MessageList;
  readonly tools: readonly Tool[];
  readonly budget: BudgetView;
  readonly totals: Totals;
  /** The edited history; absent while nobody has edited it. */
  readonly edited: readonly HistoryItem[] | undefined;
}

/** An item of an edited history: a kept message, or the text of a new summary. */
export type HistoryItem = Message | { readonly summary: string };

export class StepStart extends RuntimeEvent implements StepStartEvent {
  readonly hook = "stepStart";
  readonly step: number;
  readonly history: MessageList;
  readonly tools: readonly Tool[];
  readonly tokens: number;
  readonly budget: BudgetView;
  readonly totals: Totals;
  readonly #fields: StepStartFields;

  constructor(fields: StepStartFields, from?: StepStart, edit?: Edit) {
    super(from, edit);
    this.#fields = fields;
    this.step = fields.step;
    this.history = fields.history;
    this.tools = fields.tools;
    this.tokens = fields.history.tokens;
    this.budget = fields.budget;
    this.totals = fields.totals;
    Object.freeze(this);
  }

  /** The edited history, for the runtime. */
  static edited(event: StepStart): readonly HistoryItem[] | undefined {
    return event.#fields.edited;
  }

  evict(keep: (message: Message, index: number) => boolean): StepStart {
    const evicted: number[] = [];
    const items = this.#items().filter((item, index) => {
      if ("summary" in item || item.role === "system" || keep(item, index)) return true;
      evicted.push(item.id);
      return false;
    });
    // Nothing to do is no edit: the history stays the shared one.
    if (evicted.length === 0) return this;
    return this.#with(items, { op: "evict", messages: evicted });
  }

  summarize(start: number, end: number, summary: string): StepStart {
    const items = this.#items();
    const replaced = items.slice(start, end).map((item) => ("summary" in item ? -1 : item.id));
    const next = [...items.slice(0, start), { summary: String(summary) }, ...items.slice(end)];
    return this.#with(next, { op: "summarize", messages: replaced, summary: String(summary) });
  }

  withTools(keep: (tool: Tool) => boolean): StepStart {
    const tools = Object.freeze(this.tools.filter((tool) => keep(tool)));
    return new StepStart({ ...this.#fields, tools }, this, {
      op: "tools",
      tools: tools.map((tool) => tool.name),
    });
  }

  #items(): readonly HistoryItem[] {
    return this.#fields.edited ?? this.history.slice();
  }

  /** A summary is shown with a draft id until the runtime commits the history. */
  #with(items: readonly HistoryItem[], edit: Edit): StepStart {
    const history = messageList(
      items.map((item) => ("summary" in item ? draft(DRAFT_SUMMARY, item.summary, []) : item)),
    );
    return new StepStart({ ...this.#fields, history, edited: items }, this, edit);
  }
}

export class BeforeModel extends RuntimeEvent implements BeforeModelEvent {
  readonly hook = "beforeModel";
  readonly step: number;
  readonly attempt: number;
  readonly request: ModelRequest;

  constructor(
    step: number,
    attempt: number,
    request: ModelRequest,
    from?: BeforeModel,
    edit?: Edit,
  ) {
    super(from, edit);
    this.step = step;
    this.attempt = attempt;
    this.request = Object.freeze(request);
    Object.freeze(this);
  }

  withLastUser(text: string | ((current: string) => string)): BeforeModel {
    const { lastUser, appended } = this.#drafts();
    const base = (this.request.messages as HistoryView).baseLastUser();
    const current = lastUser ?? (base ? textOf(base) : "");
    const next = String(typeof text === "function" ? text(current) : text);
    return this.#withDrafts(next, appended, { op: "lastUser", text: next });
  }

  appendUser(text: string): BeforeModel {
    const { lastUser, appended } = this.#drafts();
    const next = appended === undefined ? String(text) : `${appended}\n\n${text}`;
    return this.#withDrafts(lastUser, next, { op: "appendUser", text: String(text) });
  }

  withSampling(sampling: Sampling): BeforeModel {
    const merged = cleanSampling({ ...this.request.sampling, ...sampling });
    return this.#with({ sampling: merged }, { op: "sampling", sampling: merged });
  }

  withRole(role: string): BeforeModel {
    return this.#with({ role: String(role) }, { op: "role", role: String(role) });
  }

  #drafts(): { lastUser: string | undefined; appended: string | undefined } {
    const last = this.edits.findLast((edit) => edit.op === "lastUser");
    const appended = this.edits
      .filter((edit) => edit.op === "appendUser")
      .map((edit) => edit["text"]);
    return {
      lastUser: last?.["text"] as string | undefined,
      appended: appended.length > 0 ? appended.join("\n\n") : undefined,
    };
  }

  #withDrafts(lastUser: string | undefined, appended: string | undefined, edit: Edit): BeforeModel {
    const view = this.request.messages as HistoryView;
    const base = view.baseLastUser();
    const images = base?.content.filter((part) => part.type === "image") ?? [];
    const changed =
      lastUser === undefined || !base ? undefined : draft(DRAFT_LAST_USER, lastUser, images);
    const extra = appended === undefined ? undefined : draft(DRAFT_APPENDED, appended, []);
    return this.#with({ messages: view.withOverlay(changed, extra) }, edit);
  }

  #with(change: Partial<ModelRequest>, edit: Edit): BeforeModel {
    return new BeforeModel(this.step, this.attempt, { ...this.request, ...change }, this, edit);
  }
}

function draft(id: number, text: string, images: readonly Part[]): UserMessage {
  return Object.freeze({
    id,
    role: "user" as const,
    content: Object.freeze([...images, ...toParts(text)]),
  });
}

export class AfterModel extends RuntimeEvent implements AfterModelEvent {
  readonly hook = "afterModel";
  readonly step: number;
  readonly attempt: number;
  readonly request: ModelRequest;
  readonly response: ModelResponse;

  constructor(
    step: number,
    attempt: number,
    request: ModelRequest,
    response: ModelResponse,
    from?: AfterModel,
    edit?: Edit,
  ) {
    super(from, edit);
    this.step = step;
    this.attempt = attempt;
    this.request = request;
    this.response = Object.freeze(response);
    Object.freeze(this);
  }

  withContent(content: string | readonly Part[]): AfterModel {
    const parts = toParts(content);
    return this.#with({ content: parts }, { op: "content", content: parts });
  }

  withToolCalls(calls: readonly ToolCall[]): AfterModel {
    const toolCalls = cleanCalls(calls);
    return this.#with(
      { toolCalls, finish: toolCalls.length > 0 ? "tool_calls" : "stop" },
      { op: "toolCalls", calls: toolCalls },
    );
  }

  #with(change: Partial<ModelResponse>, edit: Edit): AfterModel {
    return new AfterModel(
      this.step,
      this.attempt,
      this.request,
      { ...this.response, ...change },
      this,
      edit,
    );
  }
}

export class BeforeTool extends RuntimeEvent implements BeforeToolEvent {
  readonly hook = "beforeTool";
  readonly step: number;
  readonly call: ToolCall;
  readonly tool: Tool | undefined;

  constructor(
    step: number,
    call: ToolCall,
    tool: Tool | undefined,
    from?: BeforeTool,
    edit?: Edit,
  ) {
    super(from, edit);
    this.step = step;
    this.call = call;
    this.tool = tool;
    Object.freeze(this);
  }

  withInput(input: unknown): BeforeTool {
    const { malformed: _repaired, ...call } = this.call;
    const copied = frozenJson(input, "the input of a call");
    return new BeforeTool(this.step, Object.freeze({ ...call, input: copied }), this.tool, this, {
      op: "input",
      input: copied,
    });
  }
}

export class AfterTool extends RuntimeEvent implements AfterToolEvent {
  readonly hook = "afterTool";
  readonly step: number;
  readonly call: ToolCall;
  readonly result: ToolResult;
  readonly duration: number;

  constructor(
    step: number,
    call: ToolCall,
    result: ToolResult,
    duration: number,
    from?: AfterTool,
    edit?: Edit,
  ) {
    super(from, edit);
    this.step = step;
    this.call = call;
    this.result = Object.freeze(result);
    this.duration = duration;
    Object.freeze(this);
  }

  withContent(content: string | readonly Part[]): AfterTool {
    const next = typeof content === "string" ? content : toParts(content);
    return new AfterTool(
      this.step,
      this.call,
      { ...this.result, content: next },
      this.duration,
      this,
      {
        op: "content",
        content: next,
      },
    );
  }
}

export class StepEnd extends RuntimeEvent implements StepEndEvent {
  readonly hook = "stepEnd";
  readonly step: number;
  readonly finish: FinishReason;
  readonly calls: StepEndEvent["calls"];
  readonly usage: Usage;
  readonly totals: Totals;

  constructor(fields: Omit<StepEndEvent, "hook" | "edits">) {
    super(undefined, undefined);
    this.step = fields.step;
    this.finish = fields.finish;
    this.calls = Object.freeze(fields.calls);
    this.usage = fields.usage;
    this.totals = fields.totals;
    Object.freeze(this);
  }
}

export class TaskEnd extends RuntimeEvent implements TaskEndEvent {
  readonly hook = "taskEnd";
  readonly task: Task;
  readonly output: string;
  readonly exit: ExitReason;
  readonly totals: Totals;
  readonly evaluations: readonly Evaluation[];

  constructor(
    fields: Omit<TaskEndEvent, "hook" | "edits" | "withEvaluation">,
    from?: TaskEnd,
    edit?: Edit,
  ) {
    super(from, edit);
    this.task = fields.task;
    this.output = fields.output;
    this.exit = fields.exit;
    this.totals = fields.totals;
    this.evaluations = Object.freeze(fields.evaluations);
    Object.freeze(this);
  }

  withEvaluation(evaluation: Evaluation): TaskEnd {
    const copy = cleanEvaluation(evaluation);
    const { task, output, exit, totals } = this;
    const evaluations = [...this.evaluations, copy];
    return new TaskEnd({ task, output, exit, totals, evaluations }, this, {
      op: "evaluation",
      evaluation: copy,
    });
  }
}

function cleanEvaluation(evaluation: Evaluation): Evaluation {
  const { name, score, passed, reason, details } = evaluation;
  if (typeof name !== "string" || !Number.isFinite(score)) {
    throw hxError("HX_NOT_JSON", {
      what: "an evaluation",
      problem: "it needs a name and a finite score",
    });
  }
  return Object.freeze({
    name,
    score,
    ...(passed === undefined ? undefined : { passed: Boolean(passed) }),
    ...(reason === undefined ? undefined : { reason: String(reason) }),
    ...(details === undefined
      ? undefined
      : { details: frozenJson(details, "the details of an evaluation") }),
  });
}

function cleanSampling(sampling: Sampling): Sampling {
  for (const [name, value] of Object.entries(sampling)) {
    const fits =
      name === "stop" ? Array.isArray(value) : value === undefined || Number.isFinite(value);
    if (!fits)
      throw hxError("HX_NOT_JSON", { what: `sampling.${name}`, problem: "it is no finite number" });
  }
  return frozenJson(sampling, "sampling") as Sampling;
}

import { SpanKind, SpanStatusCode, trace, type Attributes, type Tracer } from "@opentelemetry/api";
import type {
  AfterModelEvent,
  AfterToolEvent,
  BeforeModelEvent,
  BeforeToolEvent,
  ModelRequest,
  Run,
  TaskEndEvent,
} from "@harnessx/core/plugin";
import { inputMessages, outputMessages, shown, systemInstructions } from "./content.ts";
import { instrumentsOf, type Instruments } from "./instruments.ts";
import type { OtelOptions } from "./options.ts";
import { RunSpan } from "./run-span.ts";

const SCOPE = "@harnessx/processor-otel";

/** A call in progress: its span is made when it ends, so that none is ever left open. */
interface Begun {
  readonly at: number;
  readonly kind: SpanKind;
  readonly name: string;
  readonly attributes: Attributes;
}

/** The spans and metrics of one run. Silent until it is opened. */
export class Emitter {
  readonly #run: Run;
  readonly #options: OtelOptions;
  #tracer: Tracer | undefined;
  #instruments: Instruments | undefined;
  #span: RunSpan | undefined;
  #openedAt = 0;
  #chat: (Begun & { readonly dimensions: Attributes }) | undefined;
  readonly #tools = new Map<string, Begun>();
  #isReported = false;

  constructor(run: Run, options: OtelOptions) {
    this.#run = run;
    this.#options = options;
  }

  /** From now on there is something to see. */
  open(): void {
    if (this.#span) return;
    this.#tracer = trace.getTracer(SCOPE);
    if (this.#options.metrics) this.#instruments = instrumentsOf(SCOPE);
    this.#openedAt = this.#now();
    const { agentName } = this.#options;
    const attributes = {
      ...this.#common("invoke_agent"),
      "gen_ai.agent.name": agentName,
      "gen_ai.conversation.id": this.#run.id,
      "harnessx.task.id": this.#run.task.id,
    };
    this.#span = new RunSpan(this.#tracer, this.#run.id, agentName, attributes, this.#openedAt);
  }

  /** What is still open of the step before has been split: its parts have spans of their own. */
  beginStep(): void {
    this.#tools.clear();
  }

  beginChat({ request }: BeforeModelEvent): void {
    if (!this.#span) return;
    // Of an attempt that a processor had dropped, nobody saw the end.
    if (this.#chat) this.#end(this.#chat, { "harnessx.dropped": true });
    const model = this.#modelOf(request);
    this.#chat = {
      at: this.#now(),
      kind: SpanKind.CLIENT,
      name: model === undefined ? "chat" : `chat ${model}`,
      attributes: this.#requestAttributes(request),
      dimensions: this.#dimensions("chat", request),
    };
  }

  endChat({ response }: AfterModelEvent): void {
    const chat = this.#chat;
    this.#chat = undefined;
    // Without a beginning a processor has answered: no model was called.
    if (!chat) return;
    const { usage, finish } = response;
    this.#end(chat, {
      "gen_ai.response.finish_reasons": [finish],
      "gen_ai.usage.input_tokens": usage.input,
      "gen_ai.usage.output_tokens": usage.output,
      ...(usage.cachedInput === undefined
        ? {}
        : { "gen_ai.usage.cache_read.input_tokens": usage.cachedInput }),
      ...(this.#options.content
        ? {
            "gen_ai.output.messages": outputMessages(
              response,
              finish,
              this.#options.maxContentChars,
            ),
          }
        : {}),
    });
    this.#instruments?.tokens(usage, chat.dimensions);
    this.#instruments?.modelCall(this.#since(chat), chat.dimensions);
  }

  beginTool({ call }: BeforeToolEvent): void {
    if (!this.#span) return;
    this.#tools.set(call.id, this.#toolCall(call, this.#now()));
  }

  endTool({ call, result, duration }: AfterToolEvent): void {
    if (!this.#span) return;
    // The parts of a split call get their ids only after they have begun.
    const begun = this.#tools.get(call.id) ?? this.#toolCall(call, this.#now() - duration);
    this.#tools.delete(call.id);
    const error = result.status === "ok" ? undefined : (result.error?.code ?? result.status);
    const { content, maxContentChars } = this.#options;
    const attributes = {
      "harnessx.tool.status": result.status,
      ...(content ? { "gen_ai.tool.call.result": shown(result.content, maxContentChars) } : {}),
    };
    this.#end(begun, attributes, error);
    this.#instruments?.toolCall(duration / 1000, {
      ...this.#common("execute_tool"),
      "gen_ai.tool.name": call.name,
      ...(error === undefined ? {} : { "error.type": error }),
    });
  }

  /** What is known at the end of the task. */
  report({ exit, totals }: TaskEndEvent): void {
    if (!this.#span) return;
    this.#isReported = true;
    const error = exit === "done" ? undefined : exit;
    if (error === undefined) this.beginStep();
    this.#endAll(error ?? "cancelled");
    this.#span.set({
      "gen_ai.usage.input_tokens": totals.inputTokens,
      "gen_ai.usage.output_tokens": totals.outputTokens,
      "harnessx.exit": exit,
      "harnessx.steps": totals.steps,
      "harnessx.model_calls": totals.modelCalls,
      "harnessx.tool_calls": totals.toolCalls,
      "harnessx.cost_usd": totals.costUsd,
    });
    if (error !== undefined) this.#span.fail(error);
    this.#instruments?.run((this.#now() - this.#openedAt) / 1000, {
      "gen_ai.agent.name": this.#options.agentName,
      ...(error === undefined ? {} : { "error.type": error }),
    });
  }

  /** Ends what is still open: the run was parked, stopped, or goes on with another instance. */
  close(): void {
    if (!this.#span) return;
    if (!this.#isReported) this.#endAll("cancelled");
    this.#span.release(this.#now());
    this.#span = undefined;
  }

  #endAll(error: string): void {
    if (this.#chat) {
      this.#end(this.#chat, {}, error);
      const dimensions = { ...this.#chat.dimensions, "error.type": error };
      this.#instruments?.modelCall(this.#since(this.#chat), dimensions);
    }
    this.#chat = undefined;
    for (const begun of this.#tools.values()) this.#end(begun, {}, error);
    this.#tools.clear();
  }

  #end({ at, kind, name, attributes }: Begun, more: Attributes, error?: string): void {
    const options = { kind, attributes, startTime: at };
    const span = this.#tracer!.startSpan(name, options, this.#span!.within);
    span.setAttributes(more);
    if (error !== undefined) {
      span.setAttribute("error.type", error);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(this.#now());
  }

  #toolCall(call: BeforeToolEvent["call"], at: number): Begun {
    const { content, maxContentChars } = this.#options;
    return {
      at,
      kind: SpanKind.INTERNAL,
      name: `execute_tool ${call.name}`,
      attributes: {
        ...this.#common("execute_tool"),
        "gen_ai.tool.name": call.name,
        "gen_ai.tool.call.id": call.id,
        "gen_ai.tool.type": "function",
        "harnessx.step": this.#run.state.step,
        ...(content ? { "gen_ai.tool.call.arguments": shown(call.input, maxContentChars) } : {}),
      },
    };
  }

  #requestAttributes(request: ModelRequest): Attributes {
    const { sampling, messages } = request;
    const { content, maxContentChars } = this.#options;
    const system = content ? systemInstructions(messages, maxContentChars) : undefined;
    const given: Readonly<Record<string, Attributes[string]>> = {
      "gen_ai.request.temperature": sampling.temperature,
      "gen_ai.request.top_p": sampling.topP,
      "gen_ai.request.max_tokens": sampling.maxTokens,
      "gen_ai.request.stop_sequences": sampling.stop && [...sampling.stop],
      "gen_ai.input.messages": content ? inputMessages(messages, maxContentChars) : undefined,
      "gen_ai.system_instructions": system,
    };
    return {
      ...this.#dimensions("chat", request),
      "gen_ai.conversation.id": this.#run.id,
      "gen_ai.request.seed": request.seed,
      "harnessx.role": request.role,
      "harnessx.step": this.#run.state.step,
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    };
  }

  /** Few values each: what metrics may be grouped by. */
  #dimensions(operation: string, request: ModelRequest): Attributes {
    const model = this.#modelOf(request);
    return {
      ...this.#common(operation),
      ...(model === undefined ? {} : { "gen_ai.request.model": model }),
    };
  }

  #common(operation: string): Attributes {
    return {
      "gen_ai.operation.name": operation,
      "gen_ai.provider.name": this.#options.provider,
    };
  }

  #modelOf({ role }: ModelRequest): string | undefined {
    const { models } = this.#options;
    return Object.hasOwn(models, role) ? models[role] : undefined;
  }

  #since({ at }: Begun): number {
    return (this.#now() - at) / 1000;
  }

  /** The run's own clock: spans have the times of the trace. */
  #now(): number {
    return this.#run.clock.now();
  }
}

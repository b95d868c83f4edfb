import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from "@opentelemetry/api";

/** The span of a run in progress and how many instances of the processor use it. */
interface Shared {
  readonly span: Span;
  readonly within: Context;
  users: number;
}

/**
 * The spans of the runs in progress, by run: a swap hands its span over, and a subagent finds that of
 * its parent. Nothing else of a run is shared.
 */
const inProgress = new Map<string, Shared>();

/** The `invoke_agent` span of one run, from the first live moment to the end of its last user. */
export class RunSpan {
  readonly #run: string;
  readonly #shared: Shared;

  constructor(tracer: Tracer, run: string, agentName: string, attributes: Attributes, at: number) {
    this.#run = run;
    const known = inProgress.get(run);
    if (known) {
      known.users += 1;
      this.#shared = known;
      return;
    }
    const parent = inProgress.get(run.slice(0, Math.max(0, run.lastIndexOf("."))));
    const around = parent?.within ?? context.active();
    const options = { kind: SpanKind.INTERNAL, attributes, startTime: at };
    const span = tracer.startSpan(`invoke_agent ${agentName}`, options, around);
    this.#shared = { span, within: trace.setSpan(around, span), users: 1 };
    inProgress.set(run, this.#shared);
  }

  /** Where spans of model and tool calls belong. */
  get within(): Context {
    return this.#shared.within;
  }

  set(attributes: Attributes): void {
    this.#shared.span.setAttributes(attributes);
  }

  fail(type: string): void {
    this.#shared.span.setAttribute("error.type", type);
    this.#shared.span.setStatus({ code: SpanStatusCode.ERROR });
  }

  /** Ends the span unless another instance has taken it over. */
  release(at: number): void {
    this.#shared.users -= 1;
    if (this.#shared.users > 0) return;
    inProgress.delete(this.#run);
    this.#shared.span.end(at);
  }
}

import {
  hookNames,
  type HookName,
  type Hooks,
  type JsonObject,
  type ProcessorDefinition,
  type Run,
} from "@harnessx/core";
import { endedBy, type Ended } from "./sandbox.ts";

export type Setup = ProcessorDefinition<JsonObject>["setup"];

/** What a processor decided at one event, in its own words and edits. */
export interface Decision {
  readonly hook: HookName;
  readonly verdict: string;
  readonly said: unknown;
}

/** What was seen of a processor from outside, over all runs that were watched with these notes. */
export class Notes {
  readonly dispatched = new Map<HookName, number>();
  readonly decisions: Decision[] = [];
  readonly roles = new Set<string>();
  spawned = false;
  /** Final answers that are not the model's own. */
  readonly answers = new Set<string>();
  ended: { readonly how: Ended; readonly error: unknown } | undefined;
  /** Time ran out, which is the machine's doing as much as the package's. */
  late = false;

  get events(): number {
    return [...this.dispatched.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Events at which it did something. */
  get acted(): number {
    return this.decisions.filter(({ verdict }) => verdict !== "pass").length;
  }

  failed(thrown: unknown): void {
    const how = endedBy(thrown);
    if (how === "time") this.late = true;
    if (how) this.ended ??= { how, error: thrown };
  }
}

/** The kit gives a tap that waits two seconds and a run ten; what came near them was refused for its time. */
const LATE_TAP_MS = 1_900;
const LATE_RUN_MS = 9_000;

/**
 * The same setup, with notes taken of every event and verdict. A sandbox that broke a limit once is
 * not tried again: it would break it in every episode.
 */
export function watched(setup: Setup, notes: Notes, now?: () => number): Setup {
  return async (run, options) => {
    if (notes.ended) throw notes.ended.error as Error;
    await noted(notes, () => setup(watchRun(run, notes, now), options));
  };
}

/** Makes a call and takes note of how it ended. */
function noted<Result>(notes: Notes, call: () => Result): Result {
  const began = performance.now();
  try {
    const result = call();
    if (!isPromise(result)) return result;
    return result.then(
      (value) => {
        if (performance.now() - began > LATE_TAP_MS) notes.late = true;
        return value;
      },
      (thrown: unknown) => {
        notes.failed(thrown);
        throw thrown;
      },
    ) as Result;
  } catch (thrown) {
    notes.failed(thrown);
    throw thrown;
  }
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === "object" && value !== null && "then" in value;

function watchRun(run: Run, notes: Notes, now: (() => number) | undefined): Run {
  const began = performance.now();
  const tell = (): void => {
    if (performance.now() - began > LATE_RUN_MS) notes.late = true;
  };
  const hooks = Object.fromEntries(
    hookNames.map((hook) => [hook, hookPoint(run, hook, notes, tell)]),
  );
  const own: Partial<Run> = {
    hooks: hooks as unknown as Hooks,
    model(role) {
      notes.roles.add(role);
      return run.model(role);
    },
    spawn(task) {
      notes.spawned = true;
      return run.spawn(task);
    },
    ...(now ? { clock: { now } } : {}),
  };
  return new Proxy(run, {
    get(target, key) {
      if (key in own) return Reflect.get(own, key) as unknown;
      const value = Reflect.get(target, key) as unknown;
      // Called on the proxy, a method would not find the private fields of its object.
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

function hookPoint(
  run: Run,
  hook: HookName,
  notes: Notes,
  tell: () => void,
): { tap: (...args: never[]) => void } {
  const tap = (name: string, call: (event: unknown) => unknown): void => {
    const heard = (event: unknown): unknown => {
      if (notes.ended) throw notes.ended.error as Error;
      tell();
      notes.dispatched.set(hook, (notes.dispatched.get(hook) ?? 0) + 1);
      const at = notes.decisions.length;
      notes.decisions.push({ hook, verdict: "pass", said: null });
      const keep = (returned: unknown): unknown => {
        notes.decisions[at] = decisionOf(hook, returned);
        const problem = answerProblem(hook, event, returned);
        if (problem !== undefined) notes.answers.add(problem);
        return returned;
      };
      const returned = noted(notes, () => call(event));
      return isPromise(returned) ? returned.then(keep) : keep(returned);
    };
    run.hooks[hook].tap(name, heard as never);
  };
  return { tap: tap as never };
}

type Loose = Readonly<Record<string, unknown>>;

function decisionOf(hook: HookName, returned: unknown): Decision {
  if (returned === undefined || returned === null) return { hook, verdict: "pass", said: null };
  const { verdict, event, events, ...rest } = returned as Loose;
  const edits = (one: unknown): unknown => (one as Loose | undefined)?.["edits"];
  return {
    hook,
    verdict: String(verdict),
    said: {
      ...rest,
      ...(event === undefined ? {} : { edits: edits(event) }),
      ...(Array.isArray(events) ? { parts: events.map(edits) } : {}),
    },
  };
}

/** Whether a verdict puts the processor's own words where the model's final answer belongs. */
function answerProblem(hook: HookName, event: unknown, returned: unknown): string | undefined {
  if (typeof returned !== "object" || returned === null) return undefined;
  const { verdict, outcome, event: next } = returned as Loose;
  const calls = (response: unknown): number => {
    const { toolCalls = [] } = (response ?? {}) as { readonly toolCalls?: readonly unknown[] };
    return toolCalls.length;
  };
  if (verdict === "intercept" && (hook === "taskStart" || hook === "afterModel"))
    return `${hook} ends the task with an answer of its own`;
  if (verdict === "intercept" && hook === "beforeModel" && calls(outcome) === 0)
    return "beforeModel answers in the model's place";
  if (verdict !== "replace" || hook !== "afterModel") return undefined;
  const { response, edits = [] } = (next ?? {}) as JsonObject & { readonly response?: unknown };
  const rewrites = (edits as readonly Loose[]).some(({ op }) => op === "content");
  const final = calls((event as Loose)["response"]) === 0 && calls(response) === 0;
  return rewrites && final ? "afterModel rewrites the model's final answer" : undefined;
}

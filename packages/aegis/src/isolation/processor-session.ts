import { hookNames, type Cell, type HookName, type Json, type Run } from "@harnessx/core";
import { CellLink } from "./cell-link.ts";
import { eventView } from "./events.ts";
import { logText, record, Session, textIn, type Requests, type SessionSubject } from "./session.ts";
import { makeVerdict } from "./verdict.ts";
import { Shop, type ListView } from "./view.ts";

/** One run of an isolated processor: its machine, and what of the run the machine may reach. */
export class ProcessorSession {
  readonly #run: Run;
  readonly #shop: Shop;
  readonly #session: Session;
  readonly #cells: CellLink[] = [];
  #taps = 0;
  #disposers = 0;

  private constructor(subject: SessionSubject, run: Run) {
    this.#run = run;
    this.#shop = new Shop(subject.limits);
    this.#session = new Session(subject, {
      requests: this.#requests,
      now: () => run.clock.now(),
      ended: () => {
        for (const cell of this.#cells) cell.release(undefined);
      },
    });
  }

  /** Sets the processor up in a machine of its own. */
  static async start(subject: SessionSubject, run: Run, options: unknown): Promise<void> {
    const self = new ProcessorSession(subject, run);
    const session = self.#session;
    await session.open();
    // Disposers run newest first: the machine goes after what the plugin itself has to do.
    run.onDispose(() => {
      for (const cell of self.#cells) cell.release(self.#cellValue(cell.name));
      session.end();
    });
    const message = { op: "setup", run: { id: run.id, task: run.task }, options };
    await session.call("setup", JSON.stringify(message), () => undefined);
  }

  #cellValue(name: string): Json | undefined {
    return this.#session.read(`the cell ${name}`, JSON.stringify({ op: "cell", name }));
  }

  get #requests(): Requests {
    return {
      tap: (data) => {
        const { hook, name } = record(data);
        const known = hookNames.find((each) => each === hook);
        if (!known) throw new TypeError(`there is no hook ${String(hook)}`);
        const index = this.#taps;
        this.#run.hooks[known].tap(
          textIn(name),
          (event: unknown) => this.#tap(known, index, event) as never,
        );
        this.#taps += 1;
      },
      random: () => this.#run.random(),
      budget: () => this.#run.budget,
      state: () => {
        const { step, totals, messages } = this.#run.state;
        return { step, totals, messages: this.#shop.list(messages) };
      },
      aborted: () => this.#run.signal.aborted,
      cell: (data) => {
        const { name, initial = null } = record(data);
        const cell = this.#run.cell<Json>(textIn(name), initial) as Cell<Json>;
        // The plugin's copy of an object must not be the object that the host keeps.
        const { value } = cell;
        this.#cells.push(new CellLink(textIn(name), cell, () => this.#cellValue(textIn(name))));
        return value;
      },
      slotGet: (data) => {
        const value = this.#run.slots.get<unknown>({ name: textIn(data) });
        return value === undefined ? undefined : plainJson(value);
      },
      slotProvide: (data) => {
        const { name, value } = record(data);
        this.#run.slots.provide({ name: textIn(name) }, value);
      },
      log: (data) => {
        const { message, data: more } = record(data);
        if (more === undefined) this.#run.log(logText(message));
        else this.#run.log(logText(message), more);
      },
      onDispose: () => {
        const index = this.#disposers++;
        this.#run.onDispose(() => {
          if (this.#session.closed !== undefined) return undefined;
          const message = JSON.stringify({ op: "dispose", index });
          return this.#session.call("a disposer", message, () => undefined);
        });
      },
      role: (role) => void this.#run.model(textIn(role)),
      generate: (data) => {
        const { role, prompt } = record(data);
        const { system, user, sampling } = record(prompt ?? null);
        if (typeof user !== "string" && !Array.isArray(user))
          throw new TypeError("the prompt has no user text");
        const asked = {
          user: user as string,
          ...(system === undefined ? {} : { system: textIn(system) }),
          ...(sampling === undefined ? {} : { sampling: record(sampling) as object }),
        };
        return this.#session.later(this.#run.model(textIn(role)).generate(asked));
      },
      spawn: (data) => {
        const { text, metadata } = record(data);
        const task = { text: textIn(text), ...(metadata === undefined ? {} : { metadata }) };
        return this.#session.later(this.#run.spawn(task));
      },
    };
  }

  #tap(hook: HookName, tap: number, event: unknown): unknown {
    const view = eventView(hook, event, this.#shop);
    const omitted = "history" in view ? (view.history as ListView)[2] : 0;
    const message = JSON.stringify([tap, view]);
    return this.#session.call(hook, message, (data) => makeVerdict(hook, event, data, omitted));
  }
}

/** What a slot holds, when it is data. */
function plainJson(value: unknown): Json {
  const problem = (at: unknown, depth: number): boolean => {
    if (typeof at === "function" || typeof at === "symbol" || typeof at === "bigint" || depth > 20)
      return true;
    if (typeof at !== "object" || at === null) return false;
    const prototype: unknown = Object.getPrototypeOf(at);
    if (prototype !== null && prototype !== Object.prototype && !Array.isArray(at)) return true;
    return Object.values(at).some((child) => problem(child, depth + 1));
  };
  if (problem(value, 0)) throw new TypeError("the slot holds something else than data");
  return value as Json;
}

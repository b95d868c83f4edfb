import { SyncWaterfallHook } from "tapable";
import { hxError } from "../errors/index.ts";
import type { HookName, Hooks } from "../plugin/hooks.ts";
import { hookNames } from "./catalog.ts";

/** A tap as a processor wrote it; the pipeline checks what it returns. */
export type RawTap = (event: unknown) => unknown;

/** One tap of the run with the manifest entry that owns it. */
export interface RegisteredTap {
  readonly processor: string;
  readonly tap: string;
  readonly onError: "fail" | "skip";
  readonly call: RawTap;
}

/** Who is registering at the moment. */
interface Owner {
  readonly processor: string;
  /** Position in the total order of the manifest: what tapable sorts by. */
  readonly rank: number;
  readonly onError: "fail" | "skip";
  /** Absent for processors given in code without metadata. */
  readonly declared: ReadonlySet<HookName> | undefined;
}

/**
 * Collects the taps of one run on fresh tapable hooks.
 *
 * tapable keeps the order; its hooks are never called, so it never generates code. It would accept
 * duplicate names and hooks that the metadata does not declare: both are refused here.
 */
export class Registrar {
  readonly #hooks = new Map<HookName, SyncWaterfallHook<[unknown]>>();
  readonly #taps = new Map<string, RegisteredTap>();

  /** The `run.hooks` of one processor. */
  open(owner: Owner): Registration {
    return new Registration(owner, (hook, tap, call) => this.#add(owner, hook, tap, call));
  }

  #add(owner: Owner, hook: HookName, tap: string, call: RawTap): void {
    const { processor, onError, rank } = owner;
    const name = `${processor}/${tap}`;
    const key = `${hook}:${name}`;
    if (this.#taps.has(key)) throw hxError("HX_PLUGIN_DUPLICATE_TAP", { processor, hook, tap });
    this.#taps.set(key, { processor, tap, onError, call });
    this.#hook(hook).tap({ name, stage: rank }, call);
  }

  /** The taps of a hook in the order that tapable gives them. */
  taps(hook: HookName): readonly RegisteredTap[] {
    const tapable = this.#hooks.get(hook);
    if (!tapable) return [];
    return tapable.taps.map((tap) => this.#taps.get(`${hook}:${tap.name}`)!);
  }

  #hook(name: HookName): SyncWaterfallHook<[unknown]> {
    let hook = this.#hooks.get(name);
    if (!hook) this.#hooks.set(name, (hook = new SyncWaterfallHook<[unknown]>(["event"], name)));
    return hook;
  }
}

type Add = (hook: HookName, tap: string, call: RawTap) => void;

/**
 * The hooks as one processor sees them.
 *
 * Eight getters on a prototype rather than eight closures a processor: setup is on the path of
 * every run.
 */
export class Registration {
  readonly #owner: Owner;
  readonly #add: Add;
  #used: HookName[] = [];
  #open = true;

  constructor(owner: Owner, add: Add) {
    this.#owner = owner;
    this.#add = add;
  }

  get hooks(): Hooks {
    return this as unknown as Hooks;
  }

  /** Ends registration and reports declared hooks without a tap. */
  close(): void {
    this.#open = false;
    for (const hook of this.#owner.declared ?? []) {
      if (!this.#used.includes(hook))
        throw hxError("HX_PLUGIN_UNUSED_HOOK", { processor: this.#owner.processor, hook });
    }
  }

  /** The point where `hook` is tapped. */
  point(hook: HookName): { tap(name: string, call: RawTap): void } {
    return {
      tap: (name, call) => {
        const { processor, declared } = this.#owner;
        if (!this.#open) throw hxError("HX_PLUGIN_LATE_TAP", { processor, hook });
        if (declared && !declared.has(hook))
          throw hxError("HX_PLUGIN_UNDECLARED_HOOK", { processor, hook });
        if (!this.#used.includes(hook)) this.#used.push(hook);
        this.#add(hook, name, call);
      },
    };
  }
}

for (const name of hookNames) {
  Object.defineProperty(Registration.prototype, name, {
    get(this: Registration) {
      return this.point(name);
    },
  });
}

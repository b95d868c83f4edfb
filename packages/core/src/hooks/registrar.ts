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

  /** The `run.hooks` of one processor; `close` ends registration and reports declared hooks without a tap. */
  open(owner: Owner): { readonly hooks: Hooks; close(): void } {
    const used = new Set<HookName>();
    let isOpen = true;
    const add = (hook: HookName, tap: string, call: RawTap): void => {
      if (!isOpen) throw hxError("HX_PLUGIN_LATE_TAP", { processor: owner.processor, hook });
      if (owner.declared && !owner.declared.has(hook)) {
        throw hxError("HX_PLUGIN_UNDECLARED_HOOK", { processor: owner.processor, hook });
      }
      const name = `${owner.processor}/${tap}`;
      const key = `${hook}:${name}`;
      if (this.#taps.has(key)) {
        throw hxError("HX_PLUGIN_DUPLICATE_TAP", { processor: owner.processor, hook, tap });
      }
      used.add(hook);
      this.#taps.set(key, { processor: owner.processor, tap, onError: owner.onError, call });
      this.#hook(hook).tap({ name, stage: owner.rank }, call);
    };
    const hooks = Object.fromEntries(
      hookNames.map((hook) => [hook, { tap: (name: string, call: RawTap) => add(hook, name, call) }]),
    ) as unknown as Hooks;
    return {
      hooks,
      close: () => {
        isOpen = false;
        for (const hook of owner.declared ?? []) {
          if (!used.has(hook)) throw hxError("HX_PLUGIN_UNUSED_HOOK", { processor: owner.processor, hook });
        }
      },
    };
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

import type { ProcessorDefinition, ProcessorSetup } from "../plugin/define.ts";
import type { Json } from "../plugin/json.ts";
import type { Cell, Run } from "../plugin/run.ts";

/** One disposer that a processor registered, and how often it has run. */
interface WatchedDisposer {
  runs: number;
  failure: unknown;
}

/** What a processor did with its run, seen from outside. */
export class Observation {
  readonly cells = new Map<string, Cell<Json>>();
  readonly roles = new Set<string>();
  readonly disposers: WatchedDisposer[] = [];
  spawned = false;
  /** Setups that returned. */
  setups = 0;
}

/** The same processor, watched: it gets the runtime's own run, through a proxy that takes notes. */
export function observed(
  definition: ProcessorDefinition<never>,
  observation: Observation,
): ProcessorDefinition<never> {
  const setup: ProcessorSetup<never> = async (run, options) => {
    await definition.setup(watch(run, observation), options);
    observation.setups += 1;
  };
  return { ...definition, setup };
}

function watch(run: Run, observation: Observation): Run {
  const own: Partial<Run> = {
    cell(name, initial) {
      const cell = run.cell(name, initial);
      observation.cells.set(name, cell as Cell<Json>);
      return cell;
    },
    model(role) {
      observation.roles.add(role);
      return run.model(role);
    },
    spawn(task) {
      observation.spawned = true;
      return run.spawn(task);
    },
    onDispose(dispose) {
      const watched: WatchedDisposer = { runs: 0, failure: undefined };
      observation.disposers.push(watched);
      run.onDispose(async () => {
        watched.runs += 1;
        try {
          await dispose();
        } catch (thrown) {
          watched.failure = thrown ?? new Error("nothing was thrown");
          throw thrown;
        }
      });
    },
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

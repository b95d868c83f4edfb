import { runInThisContext } from "node:vm";
import { engineUrl, engineWasm } from "./engine.ts";
import { GUEST_SOURCE } from "./guest-source.ts";
import { MACHINE_SOURCE } from "./machine-source.ts";
import {
  LoadFailure,
  type Answer,
  type MachineHost,
  type Sandbox,
  type SandboxCode,
} from "./sandbox.ts";
import type { IsolationLimits } from "./types.ts";

interface Machines {
  load(): Promise<Answer | undefined>;
  open(machine: number): Promise<void>;
  close(machine: number): void;
  call(machine: number, text: string, now: number): Answer;
}

type MakeMachines = (parts: Readonly<Record<string, unknown>>) => Machines;

/**
 * Machines in the host's own thread: the same wall and the same fuel as in a thread of their own,
 * without the hop between threads. What fuel does not end, nothing ends.
 */
export async function startInline(code: SandboxCode, limits: IsolationLimits): Promise<Sandbox> {
  const hosts = new Map<number, MachineHost>();
  const make = runInThisContext(MACHINE_SOURCE, {
    filename: "harnessx-machine.js",
  }) as MakeMachines;
  const machines = make({
    engine: await import(/* @vite-ignore */ engineUrl()),
    wasm: await engineWasm(),
    modules: code.files,
    entry: code.entry,
    kind: code.kind,
    guest: GUEST_SOURCE,
    limits,
    host: (machine: number, text: string) => hosts.get(machine)!.ask(text),
  });
  const failed = await machines.load();
  if (failed)
    throw new LoadFailure(failed.failed, failed.problem ?? `it ran out of ${failed.failed}`);
  let next = 1;
  let dead: string | undefined;
  const close = (machine: number): void => {
    hosts.delete(machine);
    machines.close(machine);
  };
  return {
    get dead() {
      return dead;
    },
    hasTimers: false,
    async open(host) {
      if (dead !== undefined) throw new Error(dead);
      const machine = next++;
      hosts.set(machine, host);
      await machines.open(machine);
      return machine;
    },
    close,
    call: (machine, text, now) =>
      dead === undefined ? machines.call(machine, text, now) : { failed: "stopped", problem: dead },
    terminate() {
      dead = "it was closed";
      for (const machine of hosts.keys()) close(machine);
      return Promise.resolve();
    },
  };
}

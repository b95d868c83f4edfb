import { draw } from "./random.ts";

/** The faults that can be injected. */
export const faultNames = [
  "malformedId",
  "duplicatedWrite",
  "earlyStop",
  "droppedRequest",
  "ignoredPolicy",
] as const;

/** A fault by its name. */
export type FaultName = (typeof faultNames)[number];

/** How often each fault occurs where it can, in [0, 1]; absent is never. */
export type FaultRates = Readonly<Partial<Record<FaultName, number>>>;

/** The faults of one run. */
export interface Faults {
  /** Whether the fault occurs at the call with this number, or in the run as a whole. */
  occurs(fault: FaultName, call?: number): boolean;
}

/** Decides by seed, task and run which faults occur; nothing is remembered, so a repeated step repeats. */
export function faultsOf(rates: FaultRates, seed: number, task: string, run: string): Faults {
  return {
    occurs: (fault, call = -1) => draw(fault, seed, task, run, call) < (rates[fault] ?? 0),
  };
}

/** The fault rates as a part of the model's name. */
export function describeRates(rates: FaultRates): string {
  const parts = faultNames.flatMap((name) => (rates[name] ? [`${name}=${rates[name]}`] : []));
  return parts.join(",");
}

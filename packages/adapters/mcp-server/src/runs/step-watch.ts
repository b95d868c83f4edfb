import type { StreamItem } from "@harnessx/core";

/** A step that the model has decided on. */
export interface Step {
  /** From 1. */
  readonly number: number;
  /** What happens in it, in a few words. */
  readonly message: string;
}

/** Tells of each step of a run once. */
export class StepWatch {
  #call = -1;
  #step = 0;

  constructor(readonly tell: (step: Step) => void) {}

  item(item: StreamItem): void {
    if (item.type !== "event") return;
    const { event } = item;
    if (event.type === "model.request" && event.by === undefined) this.#call = event.call;
    // A step whose answer was sent back counts once.
    if (event.type !== "model.response" || event.call !== this.#call || event.step <= this.#step)
      return;
    this.#step = event.step;
    const names = event.toolCalls.map(({ name }) => name).join(", ");
    this.tell({ number: event.step, message: `step ${event.step}: ${names || "answers"}` });
  }
}

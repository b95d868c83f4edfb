import type { Suite } from "@harnessx/core/plugin";
import type { Progress } from "./output/progress.ts";
import { block } from "./output/text.ts";
import type { Session } from "./session.ts";

const MARGIN = 11;

/** Shows an evolution: a line for each stage that ended, and in between how fast episodes are played. */
export class StageDisplay {
  /** Counts the episodes that it opens. */
  readonly suite: Suite;
  readonly #session: Session;
  readonly #bar: Progress;
  #episodes = 0;
  #sealed = 0;

  /** `sealed`: how many episodes the final measurement has; none where there is no such thing. */
  constructor(session: Session, suite: Suite, sealed = 0) {
    this.#session = session;
    this.#bar = session.progress("episodes");
    const split = Promise.resolve(suite.tasks()).then(
      (tasks) => new Set(tasks.filter((task) => task.split === "sealed").map((task) => task.id)),
    );
    this.suite = {
      name: suite.name,
      verifier: suite.verifier,
      data: suite.data,
      tasks: () => suite.tasks(),
      open: async (taskId, options) => {
        const isSealed = sealed > 0 && (await split).has(taskId);
        this.#episodes += 1;
        if (isSealed) this.#bar.update((this.#sealed += 1), sealed, "measuring");
        else this.#bar.update(this.#episodes, undefined);
        return suite.open(taskId, options);
      },
    };
  }

  /** Prints what a stage came to. */
  stage(name: string, message: string): void {
    this.#bar.end();
    const { style, width } = this.#session;
    const text = block(message, " ".repeat(MARGIN), width).trimStart();
    this.#session.print(`${style.dim(name.padEnd(MARGIN))}${text}`);
  }

  end(): void {
    this.#bar.end();
  }
}

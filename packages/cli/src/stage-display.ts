import type { Suite } from "@harnessx/core/plugin";
import type { Progress } from "./output/progress.ts";
import { block, plural } from "./output/text.ts";
import type { Session } from "./session.ts";

const MARGIN = 11;

/** Shows an evolution: what each stage came to, and in between how fast episodes are played. */
export class StageDisplay {
  /** The given suite; opening a task of it counts as an episode. */
  readonly suite: Suite;
  readonly #session: Session;
  readonly #bar: Progress;
  #episodes = 0;
  #measured = 0;
  #round = 0;
  #stage = "";
  /** Trials of a stage that reports them in blocks. */
  #trials = 0;

  /** `measured`: how many episodes the measurement on sealed tasks has; 0 where there is none. */
  constructor(session: Session, suite: Suite, measured = 0) {
    this.#session = session;
    this.#bar = session.progress("episodes");
    let sealed: ReadonlySet<string> | undefined;
    this.suite = {
      name: suite.name,
      verifier: suite.verifier,
      data: suite.data,
      tasks: () => suite.tasks(),
      open: async (taskId, options) => {
        sealed ??= new Set(
          (await suite.tasks()).filter((task) => task.split === "sealed").map((task) => task.id),
        );
        this.#count(sealed.has(taskId) ? measured : 0);
        return suite.open(taskId, options);
      },
    };
  }

  #count(measured: number): void {
    this.#episodes += 1;
    if (measured === 0) return this.#bar.update(this.#episodes, undefined);
    this.#flush();
    this.#measured += 1;
    this.#bar.update(this.#measured, measured, "measuring");
  }

  /** Prints what a stage came to. */
  stage(name: string, message: string): void {
    this.#bar.end();
    const trials = /^(\d+) trials$/.exec(message);
    if (trials) {
      if (name !== this.#stage) this.#flush();
      this.#stage = name;
      this.#trials += Number(trials[1]);
      return;
    }
    this.#flush();
    const { style } = this.#session;
    if (name === "baseline") {
      this.#round += 1;
      this.#session.print(style.bold(`round ${this.#round}`));
    }
    this.#line(name, message);
  }

  #line(name: string, message: string): void {
    const { style, width } = this.#session;
    const label = name === this.#stage ? "" : name;
    this.#stage = name;
    const text = block(message, " ".repeat(MARGIN), width).trimStart();
    this.#session.print(`${style.dim(label.padEnd(MARGIN))}${text}`);
  }

  /** Prints the blocks of trials as one. */
  #flush(): void {
    if (this.#trials === 0) return;
    this.#bar.end();
    const [name, trials] = [this.#stage, this.#trials];
    this.#stage = "";
    this.#trials = 0;
    this.#line(name, plural(trials, "trial"));
  }

  /** Ends the display; call it before the result is printed. */
  end(): void {
    this.#bar.end();
    this.#flush();
  }
}

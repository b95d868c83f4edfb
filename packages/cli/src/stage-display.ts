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
  #round = 0;
  #stage = "";
  /** Trials of a stage that reports them in blocks. */
  #trials = 0;

  constructor(session: Session, suite: Suite) {
    this.#session = session;
    this.#bar = session.progress("episodes");
    this.suite = {
      name: suite.name,
      verifier: suite.verifier,
      data: suite.data,
      tasks: () => suite.tasks(),
      open: (taskId, options) => {
        this.#episodes += 1;
        this.#bar.update(this.#episodes, undefined);
        return suite.open(taskId, options);
      },
    };
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

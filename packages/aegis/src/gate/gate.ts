import { aegisError } from "../errors.ts";
import {
  activationCheck,
  allChecks,
  alphaOf,
  clusterVerdicts,
  futile,
  hardChecks,
  superior,
} from "./checks.ts";
import { confidenceInterval } from "./interval.ts";
import { paperDecision } from "./paper.ts";
import { resolvePolicy, type GatePolicy } from "./policy.ts";
import { collapseState, protectedTasks } from "./protect.ts";
import { CHALLENGE_REP, estimate, GUARD_REP, Tally } from "./tally.ts";
import type {
  ClusterVerdict,
  Gate,
  GateContext,
  GateDecision,
  GateOutcome,
  GateRequest,
  GateTask,
  GateTrial,
  GateVerdict,
} from "./types.ts";

/**
 * Decides whether a candidate replaces the incumbent: asks for trials until it has a verdict.
 *
 * Pure: no clock, no randomness, no I/O. The verdict depends on the policy, the tasks, the context
 * and the set of outcomes alone, so a recorded log gives the same verdict in every replay and in
 * every order of delivery. Throws HX_GATE_POLICY_INVALID.
 *
 * @example
 * ```ts
 * import { createGate } from "@harnessx/aegis";
 * const gate = createGate({ maxBlocks: 10 }, [{ id: "t1", cluster: "a" }, { id: "t2", cluster: "a" }]);
 * let step = gate.next();
 * while (step.type === "request") {
 *   gate.observe(step.trials.map((trial) => ({ ...trial, pass: trial.arm === "cand" ? 1 : 0 })));
 *   step = gate.next();
 * }
 * step.decision; // "APPLY"
 * ```
 */
export function createGate(
  policy: Partial<GatePolicy> | undefined,
  tasks: readonly GateTask[],
  context: GateContext = {},
): Gate {
  return new GateState(resolvePolicy(policy), tasks, context);
}

const keyOf = ({ arm, task, rep }: GateTrial): string => `${arm} ${task} ${rep}`;

class GateState implements Gate {
  readonly #policy: GatePolicy;
  readonly #tasks: readonly GateTask[];
  readonly #context: GateContext;
  readonly #clusters: readonly string[];
  readonly #tally: Tally;
  readonly #guards = new Map<string, number>();
  #blocks = 0;
  #challenges = 0;
  #step: GateRequest | GateVerdict | undefined;

  constructor(policy: GatePolicy, tasks: readonly GateTask[], context: GateContext) {
    this.#policy = policy;
    this.#tasks = tasks;
    this.#context = context;
    this.#clusters = [...new Set(tasks.map(({ cluster }) => cluster))].toSorted();
    this.#tally = new Tally(tasks, policy.audit);
  }

  next(): GateRequest | GateVerdict {
    return (this.#step ??= this.#decide());
  }

  observe(outcomes: readonly GateOutcome[]): void {
    const step = this.next();
    const expected = new Set(step.type === "request" ? step.trials.map(keyOf) : []);
    const refuse = (outcome: GateTrial, problem: string) =>
      aegisError("HX_GATE_OUTCOME_INVALID", {
        arm: outcome.arm,
        task: outcome.task,
        rep: outcome.rep,
        problem,
      });
    // All or nothing: a refused batch must not leave a trace in the state.
    for (const outcome of outcomes) {
      if (!expected.delete(keyOf(outcome)))
        throw refuse(outcome, "it was not requested, or was reported twice");
      if (outcome.pass !== 0 && outcome.pass !== 1)
        throw refuse(outcome, "pass is neither 0 nor 1");
    }
    const missing =
      step.type === "request" ? step.trials.find((trial) => expected.has(keyOf(trial))) : undefined;
    if (missing) throw refuse(missing, "it is missing");
    for (const outcome of outcomes) this.#tally.add(outcome);
    this.#step = undefined;
  }

  #decide(): GateRequest | GateVerdict {
    const { confirmIndex = 0, staticFindings = [] } = this.#context;
    if (staticFindings.length > 0)
      return this.#verdict("REJECT", `static findings: ${staticFindings.join("; ")}`);
    if (this.#tasks.length === 0) return this.#verdict("INCONCLUSIVE", "there are no tasks");
    if (confirmIndex >= this.#policy.horizon)
      return this.#verdict("INCONCLUSIVE", "all certifications of the run are spent");
    const { minBlocks, maxBlocks, rule } = this.#policy;
    if (rule === "paper") return this.#blocks < 2 ? this.#block() : this.#paper();
    if (this.#blocks < minBlocks) return this.#block();

    const broken = hardChecks(this.#tally, this.#policy).find(({ result }) => result === "fail");
    if (broken) return this.#verdict("REJECT", `${broken.check}: ${broken.detail}`);
    const gained = superior(this.#tally, this.#policy);
    if (!gained && futile(this.#tally, this.#policy))
      return this.#forkOr("REJECT", "futile: an effect worth shipping is ruled out");
    const clusters = this.#clusterVerdicts();
    if (clusters.some(({ state }) => state === "HARM"))
      return this.#forkOr("REJECT", "a cluster is harmed");
    if (!gained)
      return this.#blocks < maxBlocks
        ? this.#block()
        : this.#forkOr("INCONCLUSIVE", "no certified gain within the blocks");
    return this.#guard(clusters) ?? this.#challenge() ?? this.#settle();
  }

  /** The next block: one trial of both arms on every task, the arm that goes first alternating. */
  #block(): GateRequest {
    const rep = this.#blocks;
    this.#blocks += 1;
    return { type: "request", trials: this.#tasks.flatMap((_, task) => pairOf(task, rep)) };
  }

  /** More trials for clusters that are neither cleared nor harmed. */
  #guard(clusters: readonly ClusterVerdict[]): GateRequest | undefined {
    const open = clusters.filter(
      ({ id, state }) => state === "OPEN" && (this.#guards.get(id) ?? 0) < this.#policy.guardBlocks,
    );
    if (open.length === 0) return undefined;
    const reps = new Map(open.map(({ id }) => [id, this.#guards.get(id) ?? 0]));
    for (const [id, rep] of reps) this.#guards.set(id, rep + 1);
    const trials = this.#tasks.flatMap(({ cluster }, task) => {
      const rep = reps.get(cluster);
      return rep === undefined ? [] : pairOf(task, GUARD_REP + rep);
    });
    return { type: "request", trials };
  }

  /** One more trial of the candidate on every protected task that is still open. */
  #challenge(): GateRequest | undefined {
    if (this.#challenges >= this.#policy.challenges) return undefined;
    const trials = this.#protection()
      .filter(({ state }) => state === "open")
      .map(({ task }): GateTrial => ({ arm: "cand", task, rep: CHALLENGE_REP + this.#challenges }));
    if (trials.length === 0) return undefined;
    this.#challenges += 1;
    return { type: "request", trials };
  }

  /** The gain is certified and everything else has been given its chance. */
  #settle(): GateVerdict {
    const activation = activationCheck(this.#tally, this.#context);
    if (activation.result === "fail" || activation.result === "no_coverage") {
      return this.#verdict("REJECT", `unattributable: the signature ${activation.detail}`);
    }
    const protection = this.#protection();
    if (protection.some(({ state }) => state === "collapsed"))
      return this.#forkOr("REJECT", "a solved task is lost");
    const open = this.#clusterVerdicts().filter(({ state, watch }) => state === "OPEN" && !watch);
    if (open.length > 0)
      return this.#forkOr(
        "INCONCLUSIVE",
        `undecided clusters: ${open.map(({ id }) => id).join(", ")}`,
      );
    if (protection.some(({ state }) => state === "open"))
      return this.#forkOr("INCONCLUSIVE", "a solved task could not be cleared");
    return this.#verdict("APPLY", "certified better, and nothing is harmed");
  }

  /** A fork for clusters with a certified gain, where there are any and the rest is not worth losing them; else the given decision. */
  #forkOr(decision: GateDecision, reason: string): GateVerdict {
    const lost = new Set(
      this.#protection()
        .filter(({ state }) => state === "collapsed")
        .map(({ task }) => this.#tasks[task]!.cluster),
    );
    const gained = this.#clusterVerdicts().filter(
      ({ id, state }) => state === "GAIN" && !lost.has(id),
    );
    const worth = gained.reduce((sum, cluster) => {
      const share =
        this.#tasks.filter((task) => task.cluster === cluster.id).length / this.#tasks.length;
      return sum + share * estimate(cluster);
    }, 0);
    const activation = activationCheck(this.#tally, this.#context);
    const room = (this.#context.poolSize ?? 1) < this.#policy.pool;
    const attributable = activation.result === "pass" || activation.result === "not_applicable";
    if (
      gained.length === 0 ||
      gained.length === this.#clusters.length ||
      worth < this.#policy.forkGain ||
      !room ||
      !attributable
    ) {
      return this.#verdict(decision, reason);
    }
    return this.#verdict(
      "FORK",
      `${reason}, but some clusters gain`,
      gained.map(({ id }) => id),
    );
  }

  #paper(): GateVerdict {
    const { decision, reason, scope } = paperDecision(this.#tasks, this.#tally);
    return this.#verdict(decision, reason, scope);
  }

  #clusterVerdicts(): ClusterVerdict[] {
    const guarded = new Set(
      [...this.#guards].filter(([, used]) => used >= this.#policy.guardBlocks).map(([id]) => id),
    );
    return clusterVerdicts(this.#tally, this.#clusters, this.#policy, guarded);
  }

  #protection() {
    const all = protectedTasks(this.#tasks, this.#policy);
    return all.map((one) => ({
      task: one.task,
      state: collapseState(one, this.#tally.candidate(one.task), all.length, this.#policy),
    }));
  }

  #verdict(decision: GateDecision, reason: string, scope?: readonly string[]): GateVerdict {
    const counts = this.#tally.counts();
    const clusters = this.#clusterVerdicts();
    const protection = this.#protection();
    return {
      type: "verdict",
      decision,
      reason,
      alpha: alphaOf(this.#policy),
      effect: estimate(counts),
      interval: confidenceInterval(counts),
      clusters,
      collapsed: protection
        .filter(({ state }) => state === "collapsed")
        .map(({ task }) => this.#tasks[task]!.id),
      ...(scope ? { scope } : {}),
      checks: allChecks(this.#tally, this.#policy, this.#context, clusters, protection),
      trials: this.#tally.size,
    };
  }
}

function pairOf(task: number, rep: number): GateTrial[] {
  const pair: GateTrial[] = [
    { arm: "cand", task, rep },
    { arm: "inc", task, rep },
  ];
  return (task + rep) % 2 === 0 ? pair : pair.reverse();
}

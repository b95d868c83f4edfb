import {
  alphaOf,
  clusterVerdicts,
  futile,
  saves,
  shortfall,
  simplifyRefuted,
  superior,
} from "./checks.ts";
import { planFork } from "./fork.ts";
import { activationCheck, hardChecks } from "./hard-checks.ts";
import { confidenceInterval } from "./interval.ts";
import { paperDecision, PLAIN_BLOCKS, strictIncreaseDecision } from "./plain.ts";
import { resolvePolicy, type GatePolicy } from "./policy.ts";
import { ProtectedTasks, type Protection } from "./protect.ts";
import { allChecks } from "./report.ts";
import { inOrder, Schedule } from "./requests.ts";
import { estimate, Tally } from "./tally.ts";
import type {
  ClusterVerdict,
  Gate,
  GateCheck,
  GateContext,
  GateDecision,
  GateOutcome,
  GateRequest,
  GateTask,
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

type Step = GateRequest | GateVerdict;

class GateState implements Gate {
  readonly #policy: GatePolicy;
  readonly #tasks: readonly GateTask[];
  readonly #context: GateContext;
  readonly #clusters: readonly string[];
  readonly #share = new Map<string, number>();
  readonly #tally: Tally;
  readonly #protected: ProtectedTasks;
  readonly #schedule: Schedule;
  #step: Step | undefined;

  constructor(policy: GatePolicy, tasks: readonly GateTask[], context: GateContext) {
    this.#policy = policy;
    this.#tasks = tasks;
    this.#context = context;
    for (const { cluster } of tasks)
      this.#share.set(cluster, (this.#share.get(cluster) ?? 0) + 1 / tasks.length);
    this.#clusters = [...this.#share.keys()].toSorted();
    this.#tally = new Tally(tasks, policy, context.intent);
    this.#schedule = new Schedule(tasks);
    this.#protected = new ProtectedTasks(tasks, policy);
  }

  next(): Step {
    return (this.#step ??= this.#decide());
  }

  observe(outcomes: readonly GateOutcome[]): void {
    const step = this.next();
    // All or nothing: a refused batch must not leave a trace in the state.
    const ordered = inOrder(step.type === "request" ? step.trials : [], outcomes);
    for (const outcome of ordered) this.#tally.add(outcome);
    if (step.type === "request") this.#step = undefined;
  }

  #decide(): Step {
    if (this.#tally.size === 0) {
      const halt = this.#beforeTrials();
      if (halt) return halt;
    }
    const { rule } = this.#policy;
    if (this.#schedule.blocks < (rule === "certified" ? 1 : PLAIN_BLOCKS))
      return this.#schedule.block();
    if (rule !== "certified") return this.#plain(rule);

    const broken = hardChecks(this.#tally, this.#policy).find(({ result }) => result === "fail");
    if (broken) return this.#verdict("REJECT", `${broken.check}: ${broken.detail}`);
    return this.#context.intent === "simplify" ? this.#simplify() : this.#gain();
  }

  /** What is decided without any trial. */
  #beforeTrials(): GateVerdict | undefined {
    const { confirmIndex = 0, staticFindings = [], driftAlarm, intent } = this.#context;
    if (staticFindings.length > 0)
      return this.#verdict("REJECT", `static findings: ${staticFindings.join("; ")}`);
    const open = (reason: string): GateVerdict => this.#verdict("INCONCLUSIVE", reason);
    if (this.#tasks.length === 0) return open("there are no tasks");
    if (this.#policy.rule !== "certified") return undefined;
    if (confirmIndex >= this.#policy.horizon)
      return open("all certifications of the run are spent");
    if (driftAlarm && intent !== "revert")
      return open("drift: the incumbent has fallen behind the anchor");
    if (intent === "simplify" && this.#marginLeft() <= 0)
      return open("the degradation budget of the run is spent");
    return undefined;
  }

  #gain(): Step {
    const clusters = this.#clusterVerdicts();
    if (this.#protection().some(({ state }) => state === "collapsed"))
      return this.#forkOr("REJECT", "a solved task is lost", clusters);
    if (clusters.some(({ state }) => state === "HARM"))
      return this.#forkOr("REJECT", "a cluster is harmed", clusters);
    if (this.#schedule.blocks >= this.#policy.minBlocks && superior(this.#tally, this.#policy))
      return this.#guard(clusters) ?? this.#challenge() ?? this.#settle(clusters);
    if (futile(this.#tally, this.#policy))
      return this.#forkOr("REJECT", "futile: an effect worth shipping is ruled out", clusters);
    return this.#schedule.blocks < this.#policy.maxBlocks
      ? this.#schedule.block()
      : this.#forkOr("INCONCLUSIVE", "no certified gain within the blocks", clusters);
  }

  /** Cheaper, and no worse than the degradation budget allows; there is nothing to fork for. */
  #simplify(): Step {
    const clusters = this.#clusterVerdicts();
    if (clusters.some(({ state }) => state === "HARM"))
      return this.#verdict("REJECT", "a cluster is harmed");
    if (this.#protection().some(({ state }) => state === "collapsed"))
      return this.#verdict("REJECT", "a solved task is lost");
    const refuted = simplifyRefuted(this.#tally, this.#policy);
    if (refuted) return this.#verdict("REJECT", `no simplification: ${refuted}`);
    const last = this.#schedule.blocks >= this.#policy.maxBlocks;
    const left = this.#marginLeft();
    const allowed = last ? left : Math.min(left, this.#policy.simplifyMargin);
    if (
      this.#schedule.blocks >= this.#policy.minBlocks &&
      saves(this.#tally, this.#policy) &&
      shortfall(this.#tally, this.#policy) <= allowed
    )
      return this.#guard(clusters) ?? this.#challenge() ?? this.#settle(clusters);
    return last
      ? this.#verdict("INCONCLUSIVE", "no certified saving without loss within the blocks")
      : this.#schedule.block();
  }

  #marginLeft(): number {
    return this.#policy.degradation - Math.max(0, this.#context.marginSpent ?? 0);
  }

  /** Extra blocks for clusters that are neither cleared nor harmed. */
  #guard(clusters: readonly ClusterVerdict[]): GateRequest | undefined {
    const open = clusters.filter(
      ({ id, state }) => state === "OPEN" && this.#schedule.extra(id) < this.#policy.guardBlocks,
    );
    return open.length === 0 ? undefined : this.#schedule.extend(open.map(({ id }) => id));
  }

  /** One more trial of the candidate on every protected task that is still open. */
  #challenge(): GateRequest | undefined {
    if (this.#schedule.challenges >= this.#policy.challenges) return undefined;
    const open = this.#protection().filter(({ state }) => state === "open");
    return open.length === 0 ? undefined : this.#schedule.challenge(open.map(({ task }) => task));
  }

  /** What was to be certified is, and everything else has been given its chance. */
  #settle(clusters: readonly ClusterVerdict[]): Step {
    const activation = activationCheck(this.#tally, this.#context);
    if (!settled(activation))
      return this.#verdict("REJECT", `unattributable: the signature ${activation.detail}`);
    const uncovered = hardChecks(this.#tally, this.#policy).find((check) => !settled(check));
    if (uncovered)
      return this.#verdict(
        "INCONCLUSIVE",
        `${uncovered.check} is not covered: ${uncovered.detail}`,
      );
    const open = clusters.filter(({ state, watch }) => state === "OPEN" && !watch);
    if (open.length > 0) {
      const reason = `undecided clusters: ${open.map(({ id }) => id).join(", ")}`;
      return this.#forkOr("INCONCLUSIVE", reason, clusters);
    }
    if (this.#protection().some(({ state }) => state === "open"))
      return this.#forkOr("INCONCLUSIVE", "a solved task could not be cleared", clusters);
    return this.#context.intent === "simplify"
      ? this.#verdict("APPLY", "certified cheaper within the degradation budget", {
          marginSpent: shortfall(this.#tally, this.#policy),
        })
      : this.#verdict("APPLY", "certified better, and nothing is harmed");
  }

  /** A fork where there is one, the trials that may show one, or the given decision. */
  #forkOr(
    decision: GateDecision,
    reason: string,
    clusters: readonly ClusterVerdict[],
  ): GateRequest | GateVerdict {
    const { pool, minBlocks, maxBlocks, challenges } = this.#policy;
    const room = (this.#context.poolSize ?? 1) < pool;
    const covered = [
      ...hardChecks(this.#tally, this.#policy),
      activationCheck(this.#tally, this.#context),
    ].every(settled);
    if (this.#context.intent === "simplify" || !room || !covered)
      return this.#verdict(decision, reason);
    const plan = planFork({
      policy: this.#policy,
      clusters,
      protection: this.#protection(),
      share: this.#share,
      extendable: (id) => this.#schedule.blocks + this.#schedule.extra(id) < maxBlocks,
      challengesLeft: this.#schedule.challenges < challenges,
    });
    if (plan.type === "pursue") return this.#schedule.extend(plan.clusters);
    if (plan.type === "challenge") return this.#schedule.challenge(plan.tasks);
    if (plan.type === "none") return this.#verdict(decision, reason);
    if (this.#schedule.blocks < minBlocks) return this.#schedule.block();
    return this.#verdict("FORK", `${reason}, but some clusters gain`, { scope: plan.scope });
  }

  #plain(rule: "paper" | "strict-increase"): GateVerdict {
    const { decision, reason, scope } =
      rule === "paper"
        ? paperDecision(this.#tasks, this.#tally)
        : strictIncreaseDecision(this.#tally);
    return this.#verdict(decision, reason, scope ? { scope } : {});
  }

  #clusterVerdicts(): ClusterVerdict[] {
    const { guardBlocks } = this.#policy;
    const guarded = new Set(this.#clusters.filter((id) => this.#schedule.extra(id) >= guardBlocks));
    return clusterVerdicts(this.#tally, this.#clusters, this.#policy, guarded);
  }

  #protection(): Protection[] {
    return this.#protected.states(this.#tally);
  }

  #verdict(
    decision: GateDecision,
    reason: string,
    extra: Pick<GateVerdict, "scope" | "marginSpent"> = {},
  ): GateVerdict {
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
      ...extra,
      checks: allChecks(this.#tally, this.#policy, this.#context, clusters, protection),
      trials: this.#tally.size,
    };
  }
}

/** Whether a check lets the candidate through. */
const settled = ({ result }: GateCheck): boolean =>
  result === "pass" || result === "not_applicable";

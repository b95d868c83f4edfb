import { describe, expect, it } from "vitest";
import type { GateTrial } from "../../src/gate/index.ts";
import { checkOf, coins, drive, tasksOf } from "./gate-drive.ts";

describe("createGate: forks and solved tasks", () => {
  it("forks when one cluster gains and another is harmed", () => {
    const rate = ({ arm, task }: GateTrial): number =>
      arm === "inc" ? 0.5 : task % 2 === 0 ? 0.95 : 0.1;
    const { verdict } = drive(tasksOf(40, 2), coins("fork", rate));
    expect(verdict).toMatchObject({ decision: "FORK", scope: ["c0"] });
    expect(drive(tasksOf(40, 2), coins("fork", rate), {}, { poolSize: 8 }).verdict.decision).toBe(
      "REJECT",
    );
  });

  it("does not ship a gain that loses a solved task", () => {
    const tasks = tasksOf(40, 1, { s: 20, f: 0 }).map((task, index) =>
      index === 0 ? task : { id: task.id, cluster: task.cluster },
    );
    const rate = ({ arm, task }: GateTrial): number =>
      task === 0 ? (arm === "cand" ? 0.02 : 1) : arm === "cand" ? 0.8 : 0.4;
    const { verdict } = drive(tasks, coins("lost", rate));
    expect(verdict).toMatchObject({ decision: "REJECT", collapsed: ["t0"] });
    const kept = drive(
      tasks,
      coins("kept", ({ arm, task }) => (task === 0 ? 1 : arm === "cand" ? 0.8 : 0.4)),
    );
    expect(kept.verdict.decision).toBe("APPLY");
    expect(kept.verdict.checks.find(({ check }) => check === "protected")).toMatchObject({
      result: "pass",
    });
  });

  it("forks for a clean scope alone, and clears the solved tasks in it first", () => {
    const hist = { s: 20, f: 0 };
    const rate = ({ arm, task }: GateTrial): number => {
      if (task === 0) return arm === "cand" ? 0.02 : 1;
      if (task === 1) return 1;
      return arm === "inc" ? [0.1, 0.4, 0.4, 0.4][task % 4]! : [0.95, 0.9, 0.1, 0.1][task % 4]!;
    };
    const tasks = tasksOf(60).map(({ id, cluster }, index) =>
      index < 2 ? { id, cluster, hist } : { id, cluster },
    );
    // c0 gains and loses a solved task, c1 gains and keeps its own, c2 and c3 are harmed.
    const { verdict } = drive(tasks, coins("clean", rate));
    expect(verdict).toMatchObject({ decision: "FORK", scope: ["c1"], collapsed: ["t0"] });
    expect(verdict.clusters.map(({ state }) => state).slice(0, 2)).toEqual(["GAIN", "GAIN"]);
    // A solved task that no trial can clear keeps its cluster out.
    const doubtful = drive(tasks, coins("clean", rate), { collapseBeta: 1e-9, challenges: 2 });
    expect(doubtful.verdict.decision).toBe("REJECT");
    expect(doubtful.log.flat().some(({ rep }) => rep >= 2000)).toBe(true);
    // Not worth a variant.
    expect(drive(tasks, coins("clean", rate), { forkGain: 0.3 }).verdict.decision).toBe("REJECT");
  });

  it("looks on for a fork after harm in the clusters that may still gain, and only there", () => {
    const rate = ({ arm, task }: GateTrial): number =>
      arm === "inc" ? 0.5 : [0.8, 0.05][task % 2]!;
    const { verdict, log } = drive(tasksOf(24, 2), coins("late", rate));
    expect(verdict).toMatchObject({ decision: "FORK", scope: ["c0"] });
    const extra = log.flat().filter(({ rep }) => rep >= 1000);
    expect(extra.length).toBeGreaterThan(0);
    expect(extra.every(({ task }) => task % 2 === 0)).toBe(true);
    // Trials that were chosen by what came before are no evidence about all tasks.
    const { won, lost, tied } = checkOf(verdict, "superiority").counts;
    expect(won! + lost! + tied!).toBe((log.flat().length - extra.length) / 2);
  });

  it("lets fresh failures of the incumbent end the protection of a task", () => {
    const tasks = tasksOf(40, 1).map((task, index) =>
      index === 0 ? { ...task, hist: { s: 8, f: 0 } } : task,
    );
    // The task broke for both arms: the environment changed, not the candidate's work.
    const rate = ({ arm, task }: GateTrial): number =>
      task === 0 ? 0 : arm === "cand" ? 0.7 : 0.45;
    const { verdict } = drive(tasks, coins("env", rate));
    expect(verdict).toMatchObject({ decision: "APPLY", collapsed: [] });
    expect(checkOf(verdict, "protected").result).toBe("not_applicable");
  });
});

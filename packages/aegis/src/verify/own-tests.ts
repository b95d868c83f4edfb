import { judged, late, uncovered, type Outcome } from "./outcome.ts";
import type { TestBench } from "./test-bench.ts";

/** Runs a package's own tests behind the wall. */
export async function judgeOwnTests(bench: TestBench): Promise<Outcome> {
  const { passed, failed, ended } = await bench.run();
  if (ended === "time") return late("its own tests did not end in time");
  const counts = { tests: passed + failed.length };
  if (passed + failed.length === 0) return uncovered("it has no test", counts);
  return judged(
    failed.slice(0, 5).map((one) => `failed: ${one.slice(0, 300)}`),
    counts,
  );
}

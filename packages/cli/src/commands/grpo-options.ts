import { Option } from "commander";

/** `--mode`. */
export const modeOption = (): Option =>
  new Option("--mode <mode>", "which trajectories are compared with each other")
    .choices(["within", "cross", "residual", "hybrid"])
    .default("within");

/** `--estimator`. */
export const estimatorOption = (): Option =>
  new Option("--estimator <estimator>", "how a difference becomes an advantage")
    .choices(["grpo", "dr-grpo", "rloo", "maxrl"])
    .default("grpo");

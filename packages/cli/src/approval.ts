import type { RunOptions } from "@harnessx/core";
import { Option } from "commander";
import type { Session } from "./session.ts";

/** What happens to a call that waits for approval. */
export type ApproveMode = "auto" | "ask" | "never";

/** The option `--approve` of `hx run`. */
export const approveOption = (): Option =>
  new Option(
    "--approve <mode>",
    "calls that need approval: grant, ask (parks the run where nobody can answer) or refuse",
  )
    .choices(["auto", "ask", "never"])
    .default("ask");

/** How a run decides on calls; undefined lets it park. */
export function approver(
  session: Session,
  mode: ApproveMode,
  signal: AbortSignal,
): RunOptions["approve"] {
  if (mode === "auto") return () => ({ decision: "approve", reason: "--approve auto" });
  if (mode === "never") return () => ({ decision: "refuse", reason: "--approve never" });
  if (!session.io.interactive || session.json) return undefined;
  return async ({ call, processor, reason }) => {
    const question = `${processor}: ${reason}\n  ${call.name} ${JSON.stringify(call.input)}\nAllow? [y/N] `;
    const answer = await session.io.ask(question, signal);
    return /^y(es)?$/i.test(answer.trim())
      ? { decision: "approve", reason: "asked" }
      : { decision: "refuse", reason: "refused when asked" };
  };
}

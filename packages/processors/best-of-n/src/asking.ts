import { HarnessXError, textOf, type Run, type Sampling } from "@harnessx/core/plugin";

/** A text, or why there is none. */
export type Said = { readonly text: string } | { readonly problem: string };

/** Asks a role. A model that fails is a problem, not a fault of the run. */
export async function ask(
  run: Run,
  role: "judge" | "sampler",
  prompt: { readonly system: string; readonly user: string; readonly sampling: Sampling },
): Promise<Said> {
  try {
    const { content } = await run.model(role).generate(prompt);
    return { text: textOf(content) };
  } catch (thrown) {
    // Anything else is the end of the run or of its recording.
    if (!HarnessXError.isInstance(thrown) || thrown._tag !== "ModelError") throw thrown;
    return { problem: thrown.message };
  }
}

import type { Tool, ToolContext, ToolsContext } from "@harnessx/core";
import { isolationError } from "./errors.ts";
import type { SessionSubject } from "./session.ts";
import { ToolSession } from "./tool-session.ts";

/** Ends the machine of tools that nobody can call any more: a harness is never closed, only forgotten. */
const forgotten = new FinalizationRegistry<{ session: ToolSession }>(({ session }) =>
  session.end(),
);

/**
 * The tools of a package, each a stand-in for code in one machine.
 *
 * A machine that broke a limit is replaced at the next call: what the package kept in it is lost.
 */
export async function isolatedTools(
  subject: () => Promise<SessionSubject>,
  options: unknown,
  context: ToolsContext,
): Promise<readonly Tool[]> {
  const start = async (): Promise<ToolSession> =>
    ToolSession.start(await subject(), options, context);
  const lease = { session: await start() };
  const { specs } = lease.session;
  const owner = {};
  forgotten.register(owner, lease);
  let restarting: Promise<ToolSession> | undefined;
  const restart = async (): Promise<ToolSession> => {
    const next = await start();
    if (JSON.stringify(next.specs) !== JSON.stringify(specs)) {
      next.end();
      const { id } = await subject();
      const problem = "it makes other tools than it made before";
      throw isolationError("HX_ISOLATION_STOPPED", { processor: id, problem });
    }
    return (lease.session = next);
  };
  const execute = (
    _owner: object,
    index: number,
    input: unknown,
    given: ToolContext,
  ): ReturnType<Tool["execute"]> => {
    if (!lease.session.ended) return lease.session.execute(index, input, given) as never;
    restarting ??= restart().finally(() => (restarting = undefined));
    return restarting.then((session) => session.execute(index, input, given)) as never;
  };
  return specs.map((spec, index) => ({
    ...spec,
    // The closure keeps the owner, and so the machine, for as long as the tool can be called.
    execute: (input: unknown, given: ToolContext) => execute(owner, index, input, given),
  }));
}

import { inline } from "@harnessx/core";
import {
  callKey,
  defineProcessor,
  intercept,
  replace,
  retry,
  type ToolResult,
} from "@harnessx/core/plugin";
import type { InlineProcessor } from "@harnessx/core";
import type { FaultName } from "../src/index.ts";

/** Gives order ids back the sign that they lost. */
const idRepair = inline(
  { name: "id-repair", dimension: "tools", hooks: ["beforeTool"] },
  defineProcessor((run) => {
    run.hooks.beforeTool.tap("repair", (event) => {
      const { order_id: id } = event.call.input as { readonly order_id?: string };
      if (id === undefined || id.startsWith("#")) return undefined;
      return replace(event.withInput({ ...(event.call.input as object), order_id: `#${id}` }));
    });
  }),
);

/** Answers a call that was made before with what it came to then. */
const duplicateGuard = inline(
  { name: "duplicate-guard", dimension: "control", hooks: ["beforeTool", "afterTool"] },
  defineProcessor((run) => {
    const known = new Map<string, ToolResult>();
    run.hooks.beforeTool.tap("guard", ({ call }) => {
      const result = known.get(callKey(call));
      return result && intercept(result);
    });
    run.hooks.afterTool.tap("remember", ({ call, result }) => {
      if (result.status === "ok") known.set(callKey(call), result);
    });
  }),
);

/** Takes no answer for the last one before it has asked whether anything is left. */
const selfVerify = inline(
  { name: "self-verify", dimension: "evaluation", hooks: ["afterModel"] },
  defineProcessor((run) => {
    let asked = false;
    run.hooks.afterModel.tap("ask", ({ response: { toolCalls, content } }) => {
      const isQuestion = content.some((part) => part.type === "text" && part.text.includes("?"));
      if (asked || toolCalls.length > 0 || isQuestion) return undefined;
      asked = true;
      return retry("Check what the customer asked for. Go on if anything is unfinished.");
    });
  }),
);

const prompt = (name: string, text: string): InlineProcessor =>
  inline(
    { name, dimension: "context", hooks: ["taskStart"] },
    defineProcessor((run) => {
      run.hooks.taskStart.tap("say", (event) => replace(event.appendSystem(text)));
    }),
  );

/** For each fault a part of a harness that repairs it. */
export const repairs: Readonly<Record<FaultName, InlineProcessor>> = {
  malformedId: idRepair,
  duplicatedWrite: duplicateGuard,
  earlyStop: selfVerify,
  droppedRequest: prompt("to-do", "Write down every request of the customer and tick it off."),
  ignoredPolicy: prompt("reminder", "Put all items of an order into one call."),
};

/** Looks like an aid and is none. */
export const placebo = prompt("placebo", "Be friendly and answer in whole sentences.");

import type { TraceEvent } from "@harnessx/core";
import { callText, partsText } from "./event-printer.ts";
import type { Session } from "../session.ts";
import { oneLine, shortHash } from "./text.ts";

/** One event in one line: position, kind and what matters most of it. */
export function eventLine(session: Session, event: TraceEvent): string {
  const head = `${String(event.seq).padStart(5)}  ${event.type.padEnd(14)}  `;
  const { style } = session;
  const text = oneLine(gist(event), session.width - head.length);
  return `${style.dim(head.slice(0, 7))}${style.cyan(head.slice(7, 21))}  ${text}`.trimEnd();
}

function gist(event: TraceEvent): string {
  switch (event.type) {
    case "run.start":
      return event.task.text;
    case "hook":
      return `${event.hook} ${event.taps.map((tap) => `${tap.processor}:${tap.verdict}`).join(" ")}`;
    case "message":
      return `#${event.id} ${event.role} ${event.of === undefined ? partsText(event.content ?? []) : `as in ${event.of}`}`;
    case "history":
      return `messages ${event.messages.map(([a, b]) => (a === b ? a : `${a}-${b}`)).join(" ")}`;
    case "step.start":
      return `step ${event.step}, about ${event.tokens} tokens`;
    case "model.request":
      return `call ${event.call}, role ${event.role}${event.by ? `, by ${event.by}` : ""}`;
    case "model.response":
      return `${event.model} ${event.finish} ${partsText(event.content)} ${event.toolCalls.map((call) => call.name).join(" ")}`;
    case "model.error":
      return `${event.model} ${event.code} ${event.message}`;
    case "tool.call":
      return callText(event.call.name, event.call.input);
    case "tool.result":
      return `${event.name} ${event.status} ${typeof event.content === "string" ? event.content : partsText(event.content)}`;
    case "step.end":
      return `step ${event.step}`;
    case "swap":
      return `${shortHash(event.from)} → ${shortHash(event.to)}`;
    case "spawn":
      return `${event.run} ${event.task.text}`;
    case "spawn.end":
      return `${event.run} ${event.exit}`;
    case "decision":
      return `${event.call} ${event.decision}`;
    case "interrupt":
      return `${event.processor}: ${event.reason} (call ${event.call.id})`;
    case "log":
      return `${event.by}: ${event.message}`;
    case "error":
      return `${event.code}: ${event.message}`;
    case "run.end":
      return `${event.exit} ${event.output}`;
  }
}

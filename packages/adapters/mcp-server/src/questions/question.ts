import { inputRequired, type InputRequest } from "@modelcontextprotocol/server";
import { validatorFor, type AskedByTool, type PendingApproval } from "@harnessx/core";
import { describeCall, type Answer, type Json, type JsonSchema } from "@harnessx/core/plugin";

/** Characters of a call's arguments that a person is shown. */
const ARGUMENTS_CHARS = 2_000;

/** A question as it goes to a client, and what its answer does. */
export interface AskedQuestion {
  readonly request: InputRequest;
  /** Takes what a client sent; false when it is no answer to this question. */
  take(response: unknown): boolean;
  cancel(): void;
}

type Settle = (answer: Answer) => void;
type Form = Parameters<typeof inputRequired.elicit>[0]["requestedSchema"];

/** Asks whether a call may run. */
export function approvalQuestion(
  { call, processor, reason }: PendingApproval,
  settle: Settle,
): AskedQuestion {
  const given = JSON.stringify(call.input) ?? "";
  const shown = given.length > ARGUMENTS_CHARS ? `${given.slice(0, ARGUMENTS_CHARS)}…` : given;
  return asked(
    {
      message: `${processor}: ${reason}\n${call.name}: ${describeCall(call)}\n${shown}`,
      schema: {
        type: "object",
        properties: {
          allow: {
            type: "boolean",
            title: "Allow this call",
            description: "Whether the call may run.",
          },
        },
        required: ["allow"],
      },
    },
    settle,
  );
}

/** Asks what a tool wants to know. */
export function toolQuestion({ message, schema, url }: AskedByTool, settle: Settle): AskedQuestion {
  return asked(
    {
      message,
      ...(url === undefined ? {} : { url }),
      schema: schema ?? { type: "object", properties: {} },
    },
    settle,
  );
}

function asked(
  {
    message,
    schema,
    url,
  }: { readonly message: string; readonly schema: JsonSchema; readonly url?: string },
  settle: Settle,
): AskedQuestion {
  return {
    request:
      url === undefined
        ? inputRequired.elicit({ message, requestedSchema: schema as Form })
        : inputRequired.elicitUrl({ message, url }),
    take(response) {
      const { action, content } = (response ?? {}) as { action?: unknown; content?: unknown };
      if (action === "decline" || action === "cancel") settle({ action });
      else if (action !== "accept") return false;
      else if (url !== undefined) settle({ action });
      else if (validatorFor(schema)(content ?? {}) !== undefined) return false;
      else settle({ action, content: (content ?? {}) as Json });
      return true;
    },
    cancel: () => settle({ action: "cancel" }),
  };
}

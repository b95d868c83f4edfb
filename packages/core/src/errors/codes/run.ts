import type { ErrorTable } from "../../plugin/error.ts";

/** Running: processors, tools, models, resume and swap. */
export const runErrors = {
  HX_PROCESSOR_THREW: {
    tag: "ProcessorError",
    message: "Processor {processor} failed in {hook}: {problem}.",
    hint: 'Fix the processor, or set "onError": "skip" on its manifest entry to run without it.',
  },
  HX_PROCESSOR_TIMEOUT: {
    tag: "ProcessorError",
    message: "Processor {processor} did not finish {hook} within {ms} ms.",
    hint: "Make it faster, or raise limits.hookTimeoutMs.",
  },
  HX_PROCESSOR_MUTATED_EVENT: {
    tag: "ProcessorError",
    message: "Processor {processor} tried to change its {hook} event in place: {problem}.",
    hint: "Return replace(event.with…()) instead of assigning to the event.",
  },
  HX_PROCESSOR_SETUP_FAILED: {
    tag: "ProcessorError",
    message: "Setting up processor {processor} failed: {problem}.",
    hint: "Fix the processor's setup function or its options.",
  },
  HX_VERDICT_INVALID: {
    tag: "ProcessorError",
    message:
      "Processor {processor} returned from {hook} something that is no verdict of this hook: {found}.",
    hint: "{hook} allows: {allowed}.",
  },
  HX_EDIT_INVALID: {
    tag: "ProcessorError",
    message:
      "Processor {processor} made an edit in {hook} that breaks the conversation: {problem}.",
    hint: "Keep the system message first, the history non-empty, and every tool result with its call.",
  },
  HX_NOT_JSON: {
    tag: "ProcessorError",
    message: "{what} cannot be written as JSON: {problem}.",
    hint: "Use plain data: objects, lists, texts, numbers, booleans and null.",
  },
  HX_TOOL_DUPLICATE: {
    tag: "ToolError",
    message: "Two tools are named {tool}.",
    hint: "Rename one of them or remove one entry.",
  },
  HX_TOOL_SCHEMA_INVALID: {
    tag: "ToolError",
    message: "The {which} schema of tool {tool} is not usable: {problem}.",
    hint: "Give the tool a valid JSON Schema whose top level is an object.",
  },
  HX_TOOL_UNKNOWN: {
    tag: "ToolError",
    message: "There is no tool named {tool}.",
    hint: "Available tools: {available}.",
  },
  HX_TOOL_INPUT_INVALID: {
    tag: "ToolError",
    message: "The arguments of {tool} are not valid: {problem}.",
    hint: "Call it again with arguments that fit its schema.",
  },
  HX_TOOL_OUTPUT_INVALID: {
    tag: "ToolError",
    message: "The result of {tool} does not fit its output schema: {problem}.",
    hint: "Fix the tool or its outputSchema.",
  },
  HX_TOOL_RESULT_INVALID: {
    tag: "ToolError",
    message: "Tool {tool} returned something that is no tool result: {found}.",
    hint: "Return a string or { status, content }.",
  },
  HX_TOOL_THREW: {
    tag: "ToolError",
    message: "Tool {tool} failed: {problem}.",
    hint: "See details.stack in the trace.",
  },
  HX_TOOL_NET_DENIED: {
    tag: "ToolError",
    message: "The tools of {entry} may not reach {host}.",
    hint: "Declare the host under harnessx.capabilities.net and grant it in the lock.",
  },
  HX_TOOL_NET_FAILED: {
    tag: "ToolError",
    message: "The request to {host} failed: {problem}.",
    hint: "Check that the service answers; raise timeoutMs if it is only slow.",
  },
  HX_TOOL_TIMEOUT: {
    tag: "ToolError",
    message: "Tool {tool} did not answer within {ms} ms.",
    hint: "Raise limits.toolTimeoutMs or the tool's own timeoutMs, or use another tool.",
  },
  HX_TOOL_RESULT_LOST: {
    tag: "ToolError",
    message: "The run stopped while {tool} was running; whether it took effect is unknown.",
    hint: "Check its effect before calling it again.",
  },
  HX_MODEL_ROLE_MISSING: {
    tag: "ModelError",
    message: "No model serves the role {role}.",
    hint: "Add the role to models.json or to createAgent's models.",
  },
  HX_MODEL_FAILED: {
    tag: "ModelError",
    message: "Model {model} failed: {problem}.",
    hint: "Check the provider's status and credentials; add fallback or retries in models.json.",
  },
  HX_MODEL_TIMEOUT: {
    tag: "ModelError",
    message: "Model {model} did not answer within {ms} ms.",
    hint: "Raise timeoutMs of the role in models.json.",
  },
  HX_MODEL_RESPONSE_INVALID: {
    tag: "ModelError",
    message: "Model {model} returned a malformed response: {problem}.",
    hint: "This is a defect of the model adapter; report it with the trace.",
  },
  HX_MODEL_RETRY_EXHAUSTED: {
    tag: "ModelError",
    message: "Step {step} asked for more than {limit} retries of the model.",
    hint: "The last retry was asked for by {processor}; make it give up earlier or raise limits.maxModelRetries.",
  },
  HX_SCRIPT_EXHAUSTED: {
    tag: "ModelError",
    message: "The scripted model has no response for call {call}.",
    hint: "Add a response to the script or end the task earlier.",
  },
  HX_RUN_ID_INVALID: {
    tag: "RunError",
    message: "{id} cannot be a run id.",
    hint: "Use letters, digits, dots, underscores and dashes, at most 200 of them.",
  },
  HX_RUN_LIMIT_INVALID: {
    tag: "RunError",
    message: "Limit {name} is not valid: {value}.",
    hint: "Limits are positive numbers.",
  },
  HX_RUN_ABORTED: {
    tag: "RunError",
    message: "The run was aborted: {reason}.",
    hint: "This is the caller's own abort signal.",
  },
  HX_USER_FAILED: {
    tag: "RunError",
    message: "Asking the user for the next message failed: {problem}.",
    hint: "The function given as the option user must return a text, or nothing to end the run.",
  },
  HX_RECORDED_READ_FAILED: {
    tag: "RunError",
    message: "Processor {processor} could not read {label}: {problem}.",
    hint: "Catch what may fail inside run.recorded and return a value that says so.",
  },
  HX_RUN_FAULT: {
    tag: "RunError",
    message: "The runtime failed: {problem}.",
    hint: "This is a defect of HarnessX; report it with the trace.",
  },
  HX_HASH_MISMATCH: {
    tag: "RunError",
    message:
      "The harness that would run ({executed}) is not the one that was proposed ({proposed}).",
    hint: "Reload the harness; something changed between the proposal and the run.",
  },
  HX_SWAP_REJECTED: {
    tag: "RunError",
    message: "The run cannot move to the new harness: {problem}.",
    hint: "The run goes on with its present harness; fix the new one and swap again.",
  },
  HX_RESUME_DIVERGED: {
    tag: "RunError",
    message:
      "The harness does something else than the trace at event {seq}: recorded {recorded}, now {now}.",
    hint: "Resume with the harness that made the trace; hx trace diff shows the two side by side.",
  },
  HX_RESUME_FINISHED: {
    tag: "RunError",
    message: "Run {run} has already ended as {exit}.",
    hint: "Only a run that was cut off or interrupted can be resumed.",
  },
  HX_RESUME_DECISION_MISSING: {
    tag: "RunError",
    message: "Run {run} waits for a decision on call {call} of tool {tool}.",
    hint: "Resume it with approve or refuse.",
  },
  HX_REPLAY_HARNESS_MISSING: {
    tag: "RunError",
    message: "The trace moves to harness {hash}, which was not given.",
    hint: "Pass every harness of the trace to replay.",
  },
  HX_BUDGET_EXHAUSTED: {
    tag: "RunError",
    message: "The budget of {limit} is spent.",
    hint: "Raise limits.{limit}.",
  },
} as const satisfies ErrorTable;

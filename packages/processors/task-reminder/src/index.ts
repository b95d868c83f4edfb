import {
  defineProcessor,
  replace,
  type BeforeModelEvent,
  type MessageList,
} from "@harnessx/core/plugin";

/** Options of the task-reminder processor. */
export interface TaskReminderOptions {
  /** Remind this many steps after the start or the last reminder; 0 never for this reason. */
  readonly everySteps: number;
  /** Remind once this many tokens have been added since; 0 never for this reason. */
  readonly everyTokens: number;
  /** Remind in the step in which messages were taken out of the history. */
  readonly afterCompaction: boolean;
  /** Longest quotation of the task; a longer one is cut behind its head. */
  readonly maxChars: number;
  /** Text of the reminder; `{task}` is the task or its head. */
  readonly reminder: string;
}

/** Where the last reminder stood; plain JSON, because a swap hands it over. */
type Reminded = {
  /** Step of the last reminder, or before the first one. */
  step: number;
  /** Tokens of the history at that moment, or what a cut has left of them. */
  tokens: number;
  /** Number of messages in the latest step, and the id of the last of them: it moves when some are taken out. */
  length: number;
  lastId: number;
};

/** Repeats the task near the end of the request when it has moved far away. */
export default defineProcessor<TaskReminderOptions>((run, options) => {
  const nowhere: Reminded = { step: -1, tokens: 0, length: 0, lastId: -1 };
  const reminded = run.cell("reminded", nowhere);
  const text = options.reminder.replaceAll("{task}", () => headOf(run.task.text, options.maxChars));

  run.hooks.beforeModel.tap("remind", (event) =>
    isDue(event, run.state.messages, reminded.value, options)
      ? replace(event.appendUser(text))
      : undefined,
  );
});

/** Decides once in a step, and says the same again for a further attempt in it. */
function isDue(
  { step, attempt }: BeforeModelEvent,
  history: MessageList,
  last: Reminded,
  options: TaskReminderOptions,
): boolean {
  if (attempt > 1) return last.step === step;
  const { length, tokens } = history;
  const isCut = last.length > 0 && history.at(last.length - 1)?.id !== last.lastId;
  last.length = length;
  last.lastId = history.at(-1)?.id ?? -1;
  if (last.step < 0) {
    last.step = step;
    last.tokens = tokens;
    // At the start the task is the newest message; a swap in the middle counts from that moment.
    return false;
  }
  if (isCut) last.tokens = Math.min(last.tokens, tokens);
  const due =
    // A window that moves in every step is no reason to remind in every step.
    (options.afterCompaction && isCut && step - last.step > 1) ||
    (options.everySteps > 0 && step - last.step >= options.everySteps) ||
    (options.everyTokens > 0 && tokens - last.tokens >= options.everyTokens);
  if (!due) return false;
  last.step = step;
  last.tokens = tokens;
  return true;
}

function headOf(text: string, maxChars: number): string {
  const whole = text.trim();
  if (whole.length <= maxChars) return whole;
  const head = whole.slice(0, maxChars);
  // A cut in the middle of a character that takes two units would send half of it.
  return `${/[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head}…`;
}

import { textOf } from "@harnessx/core/plugin";
import type { Message, MessageList } from "@harnessx/core/plugin";
import { recordedError } from "./errors.ts";
import type { RecordedTask } from "./recordings.ts";

/** Models of which runs are recorded. */
export type RecordedModelName = "gpt-3.5" | "gpt-4";

/** What the request shows of the harness. */
export interface Setting {
  /** Number of turns that the instructions grant; undefined when they name none. */
  readonly turns?: number;
  /** All tables of the task's database, with all columns, stand in the prompt. */
  readonly schema: boolean;
  /** Strategies that the instructions ask for. */
  readonly strategies: readonly ("react" | "plan")[];
}

/** Recorded harnesses, by model. */
export const recordedArms: Readonly<Record<RecordedModelName, readonly string[]>> = {
  "gpt-3.5": [
    "single-turn",
    "single-turn-schema",
    "try-again-10",
    "try-again-10-schema",
    "react-10",
    "plan-solve",
  ],
  "gpt-4": ["single-turn", "try-again-10"],
};

/** Turns of the long recordings, and up to two more: a harness may count the step that finishes. */
const longRun = { least: 10, most: 12 } as const;

const reactWords = [
  /\bReAct\b/,
  /\b(?:think|thinking|thought|reason)\w*\b[^.!?\n]{0,80}\b(?:before (?:each|every)|then act|between (?:actions|queries|steps))\b/i,
];
const planWords = [
  /\bplan[- ]and[- ]solve\b/i,
  /\b(?:make|making|write|writing|devise|devising|draw up|come up with)\b[^.!?\n]{0,30}\bplan\b/i,
];
const numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const grant = new RegExp(
  `\\b(?:have|at most|up to|within|in|only|exactly)\\s+(\\d{1,6}|single|${numbers.join("|")})\\s+(?:steps?|turns?|tries|try|attempts?)\\b`,
  "gi",
);

/**
 * Reads the setting from what the harness rendered.
 *
 * Turns and strategy are read from the instructions: the system prompt and what the user says
 * before the first answer, the question left out. The schema may stand in any system or user
 * message; what tools returned does not count.
 */
export function readSetting(messages: MessageList, task: RecordedTask): Setting {
  const all = [...messages];
  const firstAnswer = all.findIndex(({ role }) => role === "assistant");
  const isPrompt = ({ role }: Message): boolean => role === "system" || role === "user";
  const prompts = all.filter(isPrompt);
  const opening = (firstAnswer === -1 ? all : all.slice(0, firstAnswer)).filter(isPrompt);
  const instructions = joined(opening).replaceAll(task.question, " ");
  const strategies = [
    ...(reactWords.some((words) => words.test(instructions)) ? (["react"] as const) : []),
    ...(planWords.some((words) => words.test(instructions)) ? (["plan"] as const) : []),
  ];
  const turns = [...instructions.matchAll(grant)].map((match) => numberOf(match[1] ?? ""));
  const schema = showsSchema(joined(prompts).replaceAll(task.question, " "), task);
  return { ...(turns.length > 0 && { turns: Math.max(...turns) }), schema, strategies };
}

/**
 * The recording of a setting, such as `gpt-3.5.try-again-10-schema`.
 *
 * Throws HX_RECORDED_NO_ARM when nobody recorded it.
 */
export function armOf(setting: Setting, model: RecordedModelName): string {
  const { turns, schema, strategies } = setting;
  const isLong = turns !== undefined && turns >= longRun.least && turns <= longRun.most;
  const isShort = turns === undefined || turns === 1;
  const suffix = schema ? "-schema" : "";
  let name: string | undefined;
  if (strategies.length === 0) {
    if (isShort) name = `single-turn${suffix}`;
    else if (isLong) name = `try-again-10${suffix}`;
  } else if (strategies.length === 1 && !schema && (turns === undefined || isLong)) {
    name = strategies[0] === "react" ? "react-10" : "plan-solve";
  }
  if (name !== undefined && recordedArms[model].includes(name)) return `${model}.${name}`;
  throw recordedError("HX_RECORDED_NO_ARM", { model, settings: inWords(setting) });
}

const inWords = ({ turns, schema, strategies }: Setting): string =>
  [
    turns === undefined ? "an unstated number of turns" : `${turns} turn${turns === 1 ? "" : "s"}`,
    schema ? "the schema in the prompt" : "no schema in the prompt",
    strategies.length === 0 ? "no strategy" : `the strategy ${strategies.join(" and ")}`,
  ].join(", ");

const joined = (messages: readonly Message[]): string =>
  messages.map((message) => textOf(message)).join("\n");

const numberOf = (text: string): number => {
  const word = numbers.indexOf(text.toLowerCase()) + 1;
  if (word > 0) return word;
  return text.toLowerCase() === "single" ? 1 : Number(text);
};

/** Every table and every column is named; how the harness sets them is its own affair. */
function showsSchema(text: string, { tables }: RecordedTask): boolean {
  const words = new Set(text.toLowerCase().match(/[\w-]+/g) ?? []);
  const names = Object.entries(tables).flatMap(([table, columns]) => [table, ...columns]);
  return names.length > 0 && names.every((name) => words.has(name.toLowerCase()));
}

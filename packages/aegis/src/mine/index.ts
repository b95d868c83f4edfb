export type { MoveFinding, ToolArgument } from "./moves.ts";
export type { HiddenReply, PlaceFinding } from "./places.ts";
export type { ProcedureFinding, ProcedureStep } from "./procedures.ts";
export type { RepetitionFinding } from "./repetition.ts";
export type { UsualFinding } from "./usual.ts";

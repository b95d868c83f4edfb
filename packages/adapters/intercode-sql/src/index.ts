import { defineSuite } from "@harnessx/core/plugin";
import { createSuite, type IntercodeSqlOptions } from "./suite.ts";

export { auditRows } from "./audit.ts";
export type { Cell, Column, Hardness, SqlData, SqlDatabase, SqlTask, Table } from "./data.ts";
export { loadData } from "./data-files.ts";
export { createEngine } from "./engine.ts";
export type { Engine, Image, Session } from "./engine.ts";
export { intercodeSqlErrors } from "./errors.ts";
export type { IntercodeSqlError, IntercodeSqlErrorCode } from "./errors.ts";
export { generateData } from "./generate.ts";
export type { QueryOutcome, Row, Value } from "./outcome.ts";
export { renderOutcome, renderRow } from "./render.ts";
export { kendallTau, scoreRows } from "./score.ts";
export type { IntercodeSqlOptions } from "./suite.ts";
export { renderSchema } from "./tools.ts";

/** The InterCode-SQL suite: questions about databases, answered with SQL. */
export default defineSuite<IntercodeSqlOptions>((options, { root }) => createSuite(options, root));

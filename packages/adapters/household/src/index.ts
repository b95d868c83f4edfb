import { defineSuite } from "@harnessx/core/plugin";
import { createSuite } from "./suite.ts";
import type { HouseholdOptions } from "./suite.ts";

export { householdErrors } from "./errors.ts";
export type { HouseholdError, HouseholdErrorCode } from "./errors.ts";
export { createExpert, expertAction } from "./expert.ts";
export type { Expert } from "./expert.ts";
export { loadGames, parseGame } from "./game-file.ts";
export { taskTypes } from "./game.ts";
export type { Game, GameObject, GameReceptacle, ObjectFlag, TaskType } from "./game.ts";
export { allFamilies, dealFamilies, familyName } from "./generator/families.ts";
export type { Family } from "./generator/families.ts";
export { generateGames } from "./generator/generate.ts";
export type { GenerateOptions } from "./generator/generate.ts";
export type { RoomKind } from "./generator/rooms.ts";
export { Knowledge } from "./knowledge.ts";
export type { ReceptacleView } from "./knowledge.ts";
export { plan } from "./planner.ts";
export type { HouseholdOptions } from "./suite.ts";
export { parseTask } from "./task-text.ts";
export type { TaskSpec } from "./task-text.ts";
export { toolCallOf } from "./tools.ts";
export type { ToolMode } from "./tools.ts";
export { createWorld } from "./world.ts";
export type { StepResult, World, WorldState } from "./world.ts";

/** The household suite: tasks in rooms made of text, scored by whether the goal holds. */
export default defineSuite<HouseholdOptions>((options, { root }) => createSuite(options, root));

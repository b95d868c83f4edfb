import type { JsonObject, JsonSchema } from "@harnessx/core/plugin";
import type { Records } from "./records.ts";

/** One call of a solution. */
export interface GoldCall {
  readonly name: string;
  readonly arguments: JsonObject;
}

/** What the customer wants, knows and does not know, in words addressed to the customer. */
export interface Scenario {
  readonly reason: string;
  readonly known: string;
  readonly unknown: string;
  /** How to behave. */
  readonly manner: string;
}

/** A task as the data have it. */
export interface RetailTask {
  readonly id: string;
  readonly scenario: Scenario;
  readonly gold: readonly GoldCall[];
  /** Strings that the agent has to tell the customer. */
  readonly outputs: readonly string[];
}

/** What a model is shown of a tool. */
export interface ToolText {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
}

/** Everything that the suite is made from. */
export interface RetailData {
  readonly records: Records;
  readonly policy: string;
  readonly tasks: readonly RetailTask[];
  /** Descriptions that replace the suite's own, by tool. */
  readonly toolTexts: ReadonlyMap<string, ToolText>;
  /** By task id: the records that the gold calls change, as another implementation recorded them. */
  readonly reference?: ReadonlyMap<string, JsonObject>;
}

import type { JsonObject } from "../plugin/json.ts";

/** Turns an event of one version into the next one. */
export type Upgrade = (event: JsonObject) => JsonObject;

/** Version → how its events become those of the version after it. */
export type Upgrades = Readonly<Record<number, Upgrade>>;

/** Version 1 is the first. */
export const upgrades: Upgrades = {};

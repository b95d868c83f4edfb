import { defineSuite } from "@harnessx/core/plugin";
import { createSuite, type ShopOptions } from "./suite.ts";

export type { ShopOptions } from "./suite.ts";

/** The shop suite: purchases among near matches on pages of search results, scored by the wishes that were met. */
export default defineSuite<ShopOptions>((options) => createSuite(options));

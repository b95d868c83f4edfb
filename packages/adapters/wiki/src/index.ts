import { defineSuite } from "@harnessx/core/plugin";
import { createSuite } from "./suite.ts";
import type { WikiOptions } from "./suite.ts";

export { createSuite } from "./suite.ts";
export type { WikiOptions, WikiSuite } from "./suite.ts";

/** The wiki suite: questions about an invented encyclopedia whose pages need JavaScript. */
export default defineSuite<WikiOptions>((options) => createSuite(options));

export { MAIN, variantsOf } from "./pool.ts";
export {
  chooseTarget,
  overallRate,
  rateOf,
  route,
  routing,
  settle,
  type RoundTarget,
  type Settlement,
} from "./route.ts";
export type { Tries, Variant } from "./types.ts";

import { defineModel } from "@harnessx/core/plugin";
import { createShopPolicy, type ShopPolicyOptions } from "./shop-policy.ts";

export { createShopPolicy } from "./shop-policy.ts";
export type { ShopPolicyOptions } from "./shop-policy.ts";

/** The model plugin: a rule-based stand-in for a weak language model in the shop suite. */
export default defineModel<ShopPolicyOptions>((options) => createShopPolicy(options));

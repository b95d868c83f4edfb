import type { Score } from "@harnessx/core/plugin";
import type { Goal } from "./goal.ts";
import type { Purchase } from "./visit.ts";

/**
 * The reward of a purchase in [0, 1]: the share of wishes that it meets (each attribute, each option
 * value that was chosen, and the price), 0 for another kind of product and without a purchase. The
 * formula is this project's own.
 */
export function judge(goal: Goal, purchase: Purchase | undefined): Omit<Score, "audit"> {
  if (purchase === undefined) return { passed: false, score: 0, reason: "nothing was bought" };
  const { product, chosen } = purchase;
  const attributes = goal.attributes.filter((one) => product.features.includes(one)).length;
  const wanted = Object.entries(goal.options);
  const options = wanted.filter(([name, value]) => chosen[name] === value).length;
  const price = product.price <= goal.cap ? 1 : 0;
  const wishes = goal.attributes.length + wanted.length + 1;
  const met = attributes + options + price;
  const kind = product.noun === goal.noun;
  return {
    passed: kind && met === wishes,
    score: kind ? met / wishes : 0,
    reason: kind
      ? `${attributes} of ${goal.attributes.length} attributes, ${options} of ${wanted.length} options, price ${price === 1 ? "within" : "above"} the limit`
      : "another kind of product was bought",
  };
}

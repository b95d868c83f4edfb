import type { Product, Variant } from "../data/records.ts";
import type { Random } from "../random.ts";

/** Products of the made-up shop with what one can choose. */
const lines: readonly (readonly [string, Readonly<Record<string, readonly string[]>>])[] = [
  ["Rain Barrel", { volume: ["100 l", "200 l", "300 l"], color: ["green", "brown", "slate"] }],
  ["Reading Chair", { fabric: ["wool", "linen", "leather"], legs: ["oak", "steel"] }],
  ["Bread Knife", { length: ["20 cm", "24 cm"], handle: ["walnut", "resin", "cork"] }],
  ["Tent", { persons: ["2", "3", "4"], season: ["summer", "all year"] }],
  ["Desk Clock", { display: ["hands", "digits"], case: ["brass", "ash", "concrete"] }],
  ["Scarf", { yarn: ["merino", "alpaca", "cotton"], pattern: ["plain", "striped"] }],
];

/** Makes the products; nine in ten variants are in stock. */
export function makeProducts(random: Random): Product[] {
  return lines.map(([name, choices], line) => {
    const [[firstName, firstValues], [secondName, secondValues]] = Object.entries(choices) as [
      [string, readonly string[]],
      [string, readonly string[]],
    ];
    const all = firstValues.flatMap((first) =>
      secondValues.map((second) => ({ [firstName]: first, [secondName]: second })),
    );
    const variants = all.map((options, index): Variant => {
      const id = `5${line}${String(index).padStart(2, "0")}${random.int(100_000, 999_999)}`;
      // The first two of a line are always there: every order can be filled and changed.
      const available = index < 2 || random.chance(0.9);
      return { item_id: id, options, available, price: random.int(1000, 30_000) / 100 };
    });
    return {
      name,
      product_id: `9${line}${random.int(10_000_000, 99_999_999)}`,
      variants: Object.fromEntries(variants.map((variant) => [variant.item_id, variant])),
    };
  });
}

import type { GoldCall, RetailData, RetailTask } from "../data/task.ts";
import { createRandom } from "../random.ts";
import { makeHousehold, type Household } from "./people.ts";
import { policy } from "./policy.ts";
import { makers } from "./requests.ts";
import { makeProducts } from "./stock.ts";

/**
 * Makes a small shop and tasks in it, in turn of each kind; the same for the same numbers.
 *
 * @example
 * ```ts
 * import { generateData } from "@harnessx/adapter-tau-retail";
 * generateData(1, 8).tasks.length; // 8
 * ```
 */
export function generateData(seed: number, count: number): RetailData {
  const products = makeProducts(createRandom("products", seed));
  // Fewer customers than tasks: some have two.
  const houses = Array.from({ length: Math.ceil((count * 2) / 3) }, (_, index) =>
    makeHousehold(index, products, createRandom("house", seed, index)),
  );
  const orders = houses.flatMap(({ delivered, pending }) => [delivered, pending]);
  const tasks = Array.from({ length: count }, (_, index): RetailTask => {
    const house = houses[index % houses.length]!;
    const random = createRandom("request", seed, index);
    const { reason, gold, outputs = [] } = makers[index % makers.length]!(house, products, random);
    const byMail = index % 2 === 0;
    return {
      id: String(index),
      scenario: { reason, ...introduction(house, byMail), manner: "" },
      gold: [find(house, byMail), ...gold],
      outputs,
    };
  });
  return {
    records: {
      products: new Map(products.map((product) => [product.product_id, product])),
      users: new Map(houses.map(({ customer }) => [customer.user_id, customer])),
      orders: new Map(orders.map((order) => [order.order_id, order])),
    },
    policy,
    tasks,
    toolTexts: new Map(),
  };
}

function introduction({ customer }: Household, byMail: boolean) {
  const { first_name: first, last_name: last } = customer.name;
  return byMail
    ? { known: `You are ${first} ${last} and your email is ${customer.email}.`, unknown: "" }
    : {
        known: `You are ${first} ${last} in zip code ${customer.address.zip}.`,
        unknown: "You do not know which email address you used.",
      };
}

function find({ customer }: Household, byMail: boolean): GoldCall {
  const { email, name, address } = customer;
  return byMail
    ? { name: "find_user_id_by_email", arguments: { email } }
    : { name: "find_user_id_by_name_zip", arguments: { ...name, zip: address.zip } };
}

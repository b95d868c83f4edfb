import type { Address, Customer, Order, OrderItem, Product } from "../data/records.ts";
import { roundToCents } from "../money.ts";
import type { Random } from "../random.ts";

const firstNames = ["Ada", "Bela", "Cleo", "Dario", "Edda", "Femi", "Gita", "Hugo"];
const lastNames = ["Ashby", "Brandt", "Corelli", "Dahl", "Ekström"];
const towns = [
  ["Norwick", "OR"],
  ["Lakeside", "VT"],
  ["Harrow Bay", "ME"],
] as const;

/** A customer with a delivered and a pending order. */
export interface Household {
  readonly customer: Customer;
  readonly delivered: Order;
  readonly pending: Order;
}

/** Makes the `index`-th customer; names repeat only after forty. */
export function makeHousehold(
  index: number,
  products: readonly Product[],
  random: Random,
): Household {
  const first = firstNames[index % firstNames.length]!;
  const last = lastNames[Math.floor(index / firstNames.length) % lastNames.length]!;
  const id = `${first}_${last}_${1000 + index}`.toLowerCase();
  const methods = {
    credit: `credit_card_${2_000_000 + index}`,
    gift: `gift_card_${3_000_000 + index}`,
  };
  const address = makeAddress(random);
  const order = (kind: number, status: "delivered" | "pending", method: string): Order => {
    const items = random.sample(products, 3).map((product) => pick(product, random));
    const amount = roundToCents(items.reduce((sum, { price }) => sum + price, 0));
    return {
      order_id: `#W${kind}${String(100_000 + index)}`,
      user_id: id,
      address,
      items,
      status,
      fulfillments:
        status === "delivered"
          ? [
              {
                tracking_id: [`${700_000_000_000 + index}`],
                item_ids: items.map(({ item_id: item }) => item),
              },
            ]
          : [],
      payment_history: [{ transaction_type: "payment", amount, payment_method_id: method }],
    };
  };
  const delivered = order(1, "delivered", methods.credit);
  const pending = order(2, "pending", index % 2 === 0 ? methods.gift : methods.credit);
  return {
    customer: {
      user_id: id,
      name: { first_name: first, last_name: last },
      address,
      email: `${first}.${last}${index}@example.com`.toLowerCase(),
      payment_methods: {
        [methods.credit]: {
          source: "credit_card",
          id: methods.credit,
          brand: "visa",
          last_four: String(1000 + index),
        },
        [methods.gift]: { source: "gift_card", id: methods.gift, balance: 900 },
      },
      orders: [delivered.order_id, pending.order_id],
    },
    delivered,
    pending,
  };
}

/** Makes an address. */
export function makeAddress(random: Random): Address {
  const [city, state] = random.pick(towns);
  const street = random.pick(["Mill Lane", "Quay Street", "Old Road"]);
  return {
    address1: `${random.int(1, 99)} ${street}`,
    address2: "",
    city,
    country: "USA",
    state,
    zip: String(random.int(10_000, 99_999)),
  };
}

function pick({ name, product_id: product, variants }: Product, random: Random): OrderItem {
  const [first, second] = Object.values(variants).filter(({ available }) => available);
  const { item_id: item, price, options } = random.chance(0.5) ? first! : second!;
  return { name, product_id: product, item_id: item, price, options };
}

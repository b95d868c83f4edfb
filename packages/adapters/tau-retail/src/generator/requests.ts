import type { Order, OrderItem, Product } from "../data/records.ts";
import type { GoldCall } from "../data/task.ts";
import { roundToCents } from "../money.ts";
import type { Random } from "../random.ts";
import { makeAddress, type Household } from "./people.ts";

/** What a customer wants, and how it is done. */
export interface Request {
  /** Addressed to the customer, as upstream's scenarios are. */
  readonly reason: string;
  readonly gold: readonly GoldCall[];
  readonly outputs?: readonly string[];
}

type Maker = (house: Household, products: readonly Product[], random: Random) => Request;

const call = (name: string, input: GoldCall["arguments"]): GoldCall => ({ name, arguments: input });
const look = ({ order_id: id }: Order): GoldCall => call("get_order_details", { order_id: id });
const paidWith = ({ payment_history: [first] }: Order): string => first!.payment_method_id;
const ids = (items: readonly OrderItem[]): string[] => items.map(({ item_id: id }) => id);
const named = (items: readonly OrderItem[]): string =>
  items.map(({ name }) => `the ${name.toLowerCase()}`).join(" and ");

/** The kinds of requests, in the order in which tasks take turns. */
export const makers: readonly Maker[] = [
  cancel,
  giveBack,
  swap("delivered"),
  swap("pending"),
  move,
  both,
  stock,
  refused,
];

function cancel({ pending }: Household): Request {
  return {
    reason: `You want to cancel your order ${pending.order_id} because you no longer need it.`,
    gold: [look(pending), cancelCall(pending)],
  };
}

const cancelCall = ({ order_id: id }: Order): GoldCall =>
  call("cancel_pending_order", { order_id: id, reason: "no longer needed" });

const returnCall = (order: Order, items: readonly OrderItem[]): GoldCall =>
  call("return_delivered_order_items", {
    order_id: order.order_id,
    item_ids: ids(items),
    payment_method_id: paidWith(order),
  });

function giveBack({ delivered }: Household): Request {
  const items = delivered.items.slice(0, 2);
  return {
    reason: `You want to return ${named(items)} of order ${delivered.order_id}. The refund should go where the money came from.`,
    gold: [look(delivered), returnCall(delivered, items)],
  };
}

function swap(which: "delivered" | "pending"): Maker {
  return (house, products) => {
    const order = house[which];
    const items = order.items.slice(0, 2);
    const wanted = items.map((item) => otherVariant(item, products));
    const verb = which === "delivered" ? "exchange" : "modify";
    const wishes = items.map(
      ({ name }, index) =>
        `the ${name.toLowerCase()} to ${Object.values(wanted[index]!.options).join(", ")}`,
    );
    return {
      reason: `You want to ${verb} items of order ${order.order_id}: ${wishes.join(" and ")}. You pay or get the difference on your credit card.`,
      gold: [
        look(order),
        ...items.map(({ product_id: id }) => call("get_product_details", { product_id: id })),
        call(
          which === "delivered" ? "exchange_delivered_order_items" : "modify_pending_order_items",
          {
            order_id: order.order_id,
            item_ids: ids(items),
            new_item_ids: wanted.map(({ item_id: id }) => id),
            payment_method_id: creditCardOf(house),
          },
        ),
      ],
    };
  };
}

function otherVariant({ item_id: old, product_id: id }: OrderItem, products: readonly Product[]) {
  const { variants } = products.find(({ product_id: one }) => one === id)!;
  return Object.values(variants).find(({ item_id: one, available }) => available && one !== old)!;
}

const creditCardOf = ({ customer }: Household): string =>
  Object.keys(customer.payment_methods).find((id) => id.startsWith("credit"))!;

function move({ pending }: Household, _products: readonly Product[], random: Random): Request {
  const address = makeAddress(random);
  const { address1: street, city, state, zip } = address;
  return {
    reason: `You want order ${pending.order_id} to go to another address: ${street}, ${city}, ${state} ${zip}. If the agent asks for a second line of the address, say there is none.`,
    gold: [
      look(pending),
      call("modify_pending_order_address", { order_id: pending.order_id, ...address }),
    ],
  };
}

function both({ pending, delivered }: Household): Request {
  const [item] = delivered.items;
  const total = roundToCents(pending.payment_history[0]!.amount + item!.price);
  return {
    reason: `You want to cancel order ${pending.order_id}, which you no longer need, and to return ${named([item!])} of order ${delivered.order_id}. At the end you want to know how much you get back in total.`,
    gold: [
      look(pending),
      cancelCall(pending),
      look(delivered),
      returnCall(delivered, [item!]),
      call("calculate", {
        expression: `${pending.payment_history[0]!.amount} + ${item!.price}`,
      }),
    ],
    outputs: [String(total)],
  };
}

function stock(_house: Household, products: readonly Product[], random: Random): Request {
  const { name, product_id: id, variants } = random.pick(products);
  const count = Object.values(variants).filter(({ available }) => available).length;
  return {
    reason: `You want to know how many kinds of ${name.toLowerCase()} are available right now.`,
    gold: [call("list_all_product_types", {}), call("get_product_details", { product_id: id })],
    outputs: [`${count} kinds`],
  };
}

/** Cannot be done: whoever changes nothing is right. */
function refused({ delivered }: Household): Request {
  return {
    reason: `You want to cancel order ${delivered.order_id}, although you have received it.`,
    gold: [look(delivered)],
  };
}

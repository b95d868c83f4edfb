import type { Order, PaymentMethod } from "../data/records.ts";
import type { Database } from "../database.ts";
import { roundToCents } from "../money.ts";
import { findOrder, findPaymentMethod, findVariant } from "./find.ts";
import { addToGiftCard } from "./gift-card.ts";
import { Refusal } from "./refusal.ts";

/** Arguments of the two tools that put items in the place of others. */
export interface ItemChange {
  readonly order_id: string;
  readonly item_ids: readonly string[];
  readonly new_item_ids: readonly string[];
  readonly payment_method_id: string;
}

/** Asks for an exchange of delivered items. */
export function exchangeItems(database: Database, change: ItemChange): Order {
  const { item_ids: items, new_item_ids: newItems, payment_method_id: method } = change;
  const order = findOrder(database, change.order_id);
  if (order.status !== "delivered") throw new Refusal("Non-delivered order cannot be exchanged");
  const lacking = firstLacking(order, items);
  if (lacking !== undefined) throw new Refusal(`Number of ${lacking} not found.`);
  if (items.length !== newItems.length)
    throw new Refusal("The number of items to be exchanged should match.");
  const difference = roundToCents(pricesOf(database, order, change, false).difference);
  const payment = findPaymentMethod(database, order.user_id, method);
  if (cannotPay(payment, difference))
    throw new Refusal("Insufficient gift card balance to pay for the price difference");
  return Object.assign(database.changeOrder(order), {
    status: "exchange requested",
    exchange_items: items.toSorted(byCodePoint),
    exchange_new_items: newItems.toSorted(byCodePoint),
    exchange_payment_method_id: method,
    exchange_price_difference: difference,
  } satisfies Partial<Order>);
}

/** Changes the items of a pending order. */
export function modifyItems(database: Database, change: ItemChange): Order {
  const { item_ids: items, new_item_ids: newItems, payment_method_id: method } = change;
  const order = findOrder(database, change.order_id);
  if (order.status !== "pending") throw new Refusal("Non-pending order cannot be modified");
  const lacking = firstLacking(order, items);
  if (lacking !== undefined) throw new Refusal(`${lacking} not found`);
  if (items.length !== newItems.length)
    throw new Refusal("The number of items to be exchanged should match");
  const { difference, last } = pricesOf(database, order, change, true);
  const payment = findPaymentMethod(database, order.user_id, method);
  if (cannotPay(payment, difference))
    throw new Refusal("Insufficient gift card balance to pay for the new item");
  const changed = database.changeOrder(order);
  changed.payment_history.push({
    transaction_type: difference > 0 ? "payment" : "refund",
    amount: Math.abs(difference),
    payment_method_id: method,
  });
  addToGiftCard(database, order.user_id, payment, -difference);
  items.forEach((id, index) => {
    const item = changed.items.find(({ item_id: one }) => one === id);
    if (item === undefined) throw new Refusal(`Item ${id} not found`);
    item.item_id = newItems[index]!;
    // Upstream gives every changed item the price and options of the last one; its recorded
    // databases, which the score compares with, hold exactly that.
    item.price = last!.price;
    item.options = last!.options;
  });
  changed.status = "pending (item modified)";
  return changed;
}

/** What the new items cost more than the old ones, and the variant that was looked up last. */
function pricesOf(
  database: Database,
  order: Order,
  { item_ids: items, new_item_ids: newItems }: ItemChange,
  mustDiffer: boolean,
) {
  let difference = 0;
  let last;
  for (const [index, id] of items.entries()) {
    const newId = newItems[index]!;
    if (mustDiffer && id === newId)
      throw new Refusal("The new item id should be different from the old item id");
    const item = order.items.find(({ item_id: one }) => one === id);
    if (item === undefined) throw new Refusal(`Item ${id} not found`);
    last = findVariant(database, item.product_id, newId);
    if (!last.available) throw new Refusal(`New item ${newId} not found or available`);
    difference += last.price - item.price;
  }
  return { difference, last };
}

/** An id that is asked for more often than the order has it. */
export function firstLacking(order: Order, ids: readonly string[]): string | undefined {
  const owned = order.items.map(({ item_id: id }) => id);
  return ids.find((id) => times(ids, id) > times(owned, id));
}

const times = (ids: readonly string[], wanted: string): number =>
  ids.filter((id) => id === wanted).length;

const cannotPay = ({ balance }: PaymentMethod, amount: number): boolean =>
  balance !== undefined && balance < amount;

/** The order in which strings are sorted upstream. */
export const byCodePoint = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

import type { Address, CancelReason, Customer, Order, Payment } from "../data/records.ts";
import type { Database } from "../database.ts";
import { findOrder, findPaymentMethod, findUser } from "./find.ts";
import { addToGiftCard } from "./gift-card.ts";
import { byCodePoint, firstLacking } from "./item-changes.ts";
import { Refusal } from "./refusal.ts";

const reasons: readonly string[] = ["no longer needed", "ordered by mistake"];

/** Cancels a pending order and refunds it. */
export function cancelOrder(
  database: Database,
  { order_id: id, reason }: { readonly order_id: string; readonly reason: string },
): Order {
  const order = findOrder(database, id);
  if (order.status !== "pending") throw new Refusal("Non-pending order cannot be cancelled");
  if (!reasons.includes(reason)) throw new Refusal("Invalid reason");
  const refunds = order.payment_history.map(({ amount, payment_method_id: method }): Payment => {
    // A refund that fails leaves those before it done, as upstream.
    const payment = findPaymentMethod(database, order.user_id, method);
    addToGiftCard(database, order.user_id, payment, amount);
    return { transaction_type: "refund", amount, payment_method_id: method };
  });
  const changed = database.changeOrder(order);
  changed.status = "cancelled";
  changed.cancel_reason = reason as CancelReason;
  changed.payment_history.push(...refunds);
  return changed;
}

/** Asks for the return of delivered items. */
export function returnItems(
  database: Database,
  {
    order_id: id,
    item_ids: items,
    payment_method_id: method,
  }: {
    readonly order_id: string;
    readonly item_ids: readonly string[];
    readonly payment_method_id: string;
  },
): Order {
  const order = findOrder(database, id);
  if (order.status !== "delivered") throw new Refusal("Non-delivered order cannot be returned");
  const { source } = findPaymentMethod(database, order.user_id, method);
  if (source !== "gift_card" && method !== order.payment_history[0]?.payment_method_id)
    throw new Refusal("Payment method should be the original payment method");
  if (firstLacking(order, items) !== undefined) throw new Refusal("Some item not found");
  return Object.assign(database.changeOrder(order), {
    status: "return requested",
    return_items: items.toSorted(byCodePoint),
    return_payment_method_id: method,
  } satisfies Partial<Order>);
}

/** Sends a pending order elsewhere. */
export function modifyAddress(
  database: Database,
  { order_id: id, ...address }: Address & { readonly order_id: string },
): Order {
  const changed = database.changeOrder(pending(database, id));
  changed.address = inOrder(address);
  return changed;
}

/** Changes a customer's own address. */
export function modifyUserAddress(
  database: Database,
  { user_id: id, ...address }: Address & { readonly user_id: string },
): Customer {
  const changed = database.changeUser(findUser(database, id));
  changed.address = inOrder(address);
  return changed;
}

/** Pays a pending order in another way. */
export function modifyPayment(
  database: Database,
  {
    order_id: id,
    payment_method_id: method,
  }: { readonly order_id: string; readonly payment_method_id: string },
): Order {
  const order = pending(database, id);
  const payment = findPaymentMethod(database, order.user_id, method);
  const [first, ...others] = order.payment_history;
  if (first === undefined || others.length > 0 || first.transaction_type !== "payment")
    throw new Refusal("There should be exactly one payment for a pending order");
  const { amount, payment_method_id: old } = first;
  if (old === method)
    throw new Refusal("The new payment method should be different from the current one");
  if (payment.balance !== undefined && payment.balance < amount)
    throw new Refusal("Insufficient gift card balance to pay for the order");
  const changed = database.changeOrder(order);
  changed.payment_history.push(
    { transaction_type: "payment", amount, payment_method_id: method },
    { transaction_type: "refund", amount, payment_method_id: old },
  );
  addToGiftCard(database, order.user_id, payment, -amount);
  const oldPayment = findPaymentMethod(database, order.user_id, old);
  addToGiftCard(database, order.user_id, oldPayment, amount);
  return changed;
}

/** Any order that is pending, its items changed or not. */
function pending(database: Database, id: string): Order {
  const order = findOrder(database, id);
  if (!order.status.includes("pending")) throw new Refusal("Non-pending order cannot be modified");
  return order;
}

const inOrder = ({ address1, address2, city, country, state, zip }: Address): Address => ({
  address1,
  address2,
  city,
  country,
  state,
  zip,
});

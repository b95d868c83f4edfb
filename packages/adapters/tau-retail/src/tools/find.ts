import type { Customer, Order, PaymentMethod, Product, Variant } from "../data/records.ts";
import type { Database } from "../database.ts";
import { Refusal } from "./refusal.ts";

/** The order, or a refusal. */
export const findOrder = (database: Database, id: string): Order =>
  found(database.order(id), "Order not found");

/** The customer, or a refusal. */
export const findUser = (database: Database, id: string): Customer =>
  found(database.user(id), "User not found");

/** The product, or a refusal. */
export const findProduct = (database: Database, id: string): Product =>
  found(database.products.get(id), "Product not found");

/** The variant of any product, or a refusal. */
export function findItem(database: Database, id: string): Variant {
  for (const { variants } of database.products.values()) {
    const variant = own(variants, id);
    if (variant !== undefined) return variant;
  }
  throw new Refusal("Item not found");
}

/** The variant of a product, or a refusal. */
export const findVariant = (database: Database, productId: string, itemId: string): Variant =>
  found(own(findProduct(database, productId).variants, itemId), "Variant not found");

/** A customer's payment method, or a refusal. */
export const findPaymentMethod = (
  database: Database,
  userId: string,
  methodId: string,
): PaymentMethod =>
  found(own(findUser(database, userId).payment_methods, methodId), "Payment method not found");

/** The first customer for whom `matches` holds, or a refusal. */
export function findUserWho(database: Database, matches: (user: Customer) => boolean): string {
  for (const user of database.users()) if (matches(user)) return user.user_id;
  throw new Refusal("User not found");
}

/** Ids come from the model: `constructor` is none. */
const own = <Value>(rows: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(rows, key) ? rows[key] : undefined;

function found<Value>(value: Value | undefined, otherwise: string): Value {
  if (value === undefined) throw new Refusal(otherwise);
  return value;
}

import { list, number, object, oneOf, Problem, text, texts, type Fields } from "./check.ts";
import type {
  Address,
  Customer,
  Order,
  OrderItem,
  Payment,
  PaymentMethod,
  Product,
  Records,
  Variant,
} from "./records.ts";

/** The records of `db.json`; throws a Problem. */
export function readRecords(value: unknown): Records {
  const { products, users, orders } = object(value, "the file");
  return {
    products: table(products, "products", readProduct, ({ product_id: id }) => id),
    users: table(users, "users", readUser, ({ user_id: id }) => id),
    orders: table(orders, "orders", readOrder, ({ order_id: id }) => id),
  };
}

function table<Row>(
  value: unknown,
  what: string,
  read: (fields: Fields, id: string) => Row,
  idOf: (row: Row) => string,
): ReadonlyMap<string, Row> {
  const rows = Object.entries(object(value, what)).map(([id, row]) => {
    const made = read(object(row, `${id} of ${what}`), id);
    if (idOf(made) !== id) throw new Problem(`${id} of ${what} names itself ${idOf(made)}`);
    return [id, made] as const;
  });
  if (rows.length === 0) throw new Problem(`${what} is empty`);
  return new Map(rows);
}

function readProduct(row: Fields, id: string): Product {
  const variants = Object.entries(object(row["variants"], `variants of ${id}`));
  return {
    name: text(row["name"], `name of ${id}`),
    product_id: text(row["product_id"], `product_id of ${id}`),
    variants: Object.fromEntries(
      variants.map(([item, variant]) => [item, readVariant(object(variant, item), item)]),
    ),
  };
}

const readVariant = (row: Fields, id: string): Variant => ({
  item_id: text(row["item_id"], `item_id of ${id}`),
  options: readOptions(row["options"], id),
  available: row["available"] === true,
  price: number(row["price"], `price of ${id}`),
});

function readUser(row: Fields, id: string): Customer {
  const name = object(row["name"], `name of ${id}`);
  const methods = Object.entries(object(row["payment_methods"], `payment_methods of ${id}`));
  return {
    user_id: text(row["user_id"], `user_id of ${id}`),
    name: {
      first_name: text(name["first_name"], `first_name of ${id}`),
      last_name: text(name["last_name"], `last_name of ${id}`),
    },
    address: readAddress(row["address"], id),
    email: text(row["email"], `email of ${id}`),
    payment_methods: Object.fromEntries(
      methods.map(([method, fields]) => [method, readMethod(object(fields, method), method)]),
    ),
    orders: texts(row["orders"], `orders of ${id}`),
  };
}

function readMethod(row: Fields, id: string): PaymentMethod {
  const source = oneOf(
    row["source"],
    ["credit_card", "gift_card", "paypal"] as const,
    `source of ${id}`,
  );
  return {
    source,
    id: text(row["id"], `id of ${id}`),
    ...(source === "credit_card" && {
      brand: text(row["brand"], `brand of ${id}`),
      last_four: text(row["last_four"], `last_four of ${id}`),
    }),
    ...(source === "gift_card" && { balance: number(row["balance"], `balance of ${id}`) }),
  };
}

const statuses = [
  "processed",
  "pending",
  "pending (item modified)",
  "delivered",
  "cancelled",
  "exchange requested",
  "return requested",
] as const;

const readOrder = (row: Fields, id: string): Order => ({
  order_id: text(row["order_id"], `order_id of ${id}`),
  user_id: text(row["user_id"], `user_id of ${id}`),
  address: readAddress(row["address"], id),
  items: list(row["items"], `items of ${id}`).map((item) =>
    readItem(object(item, `an item of ${id}`), id),
  ),
  status: oneOf(row["status"], statuses, `status of ${id}`),
  fulfillments: list(row["fulfillments"], `fulfillments of ${id}`).map((one) => {
    const { tracking_id: tracking, item_ids: items } = object(one, `a fulfillment of ${id}`);
    return {
      tracking_id: texts(tracking, `tracking_id of ${id}`),
      item_ids: texts(items, `item_ids of ${id}`),
    };
  }),
  payment_history: list(row["payment_history"], `payment_history of ${id}`).map((one) =>
    readPayment(object(one, `a payment of ${id}`), id),
  ),
  ...(typeof row["cancel_reason"] === "string" && {
    cancel_reason: oneOf(
      row["cancel_reason"],
      ["no longer needed", "ordered by mistake"] as const,
      `cancel_reason of ${id}`,
    ),
  }),
});

const readItem = (row: Fields, order: string): OrderItem => ({
  name: text(row["name"], `name of an item of ${order}`),
  product_id: text(row["product_id"], `product_id of an item of ${order}`),
  item_id: text(row["item_id"], `item_id of an item of ${order}`),
  price: number(row["price"], `price of an item of ${order}`),
  options: readOptions(row["options"], order),
});

const readPayment = (row: Fields, order: string): Payment => ({
  transaction_type: oneOf(
    row["transaction_type"],
    ["payment", "refund"] as const,
    `transaction_type of ${order}`,
  ),
  amount: number(row["amount"], `amount of ${order}`),
  payment_method_id: text(row["payment_method_id"], `payment_method_id of ${order}`),
});

function readAddress(value: unknown, of: string): Address {
  const row = object(value, `address of ${of}`);
  const part = (name: string): string => text(row[name], `${name} of ${of}`);
  return {
    address1: part("address1"),
    address2: part("address2"),
    city: part("city"),
    country: part("country"),
    state: part("state"),
    zip: part("zip"),
  };
}

const readOptions = (value: unknown, of: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(object(value, `options of ${of}`)).map(([name, option]) => [
      name,
      text(option, `${name} of ${of}`),
    ]),
  );

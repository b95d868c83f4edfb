import type { JsonSchema } from "@harnessx/core/plugin";
import type { ToolText } from "../data/task.ts";

const text = (description: string): JsonSchema => ({ type: "string", description });
const ids = (description: string): JsonSchema => ({
  type: "array",
  items: { type: "string" },
  description,
});

const orderId = text("Id of the order with its leading number sign, such as #W1234567.");
const method = text("Id of a payment method of the customer, such as gift_card_1234567.");
const oldItems = ids("Item ids of the order; one that is meant twice stands twice.");
const newItems = ids("For each of them, in the same order, the item id that takes its place.");
const address = {
  address1: text("Street and number."),
  address2: text("Flat or suite; may be empty."),
  city: text("City."),
  state: text("State, such as CA."),
  country: text("Country, such as USA."),
  zip: text("Postal code."),
};
const ask = "Tell the customer what will be done and get a clear yes first.";

const define = (
  name: string,
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
): ToolText => ({
  name,
  description,
  inputSchema: {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  },
});

/** The tools in the words of this package; upstream's words replace them where the data bring them. */
export const toolTexts: readonly ToolText[] = [
  define("calculate", "Work out an arithmetic expression to two decimal places.", {
    expression: text("Numbers, + - * /, parentheses and spaces."),
  }),
  define("cancel_pending_order", `Cancel a pending order and refund it. ${ask}`, {
    order_id: orderId,
    reason: text('Either "no longer needed" or "ordered by mistake".'),
  }),
  define(
    "exchange_delivered_order_items",
    `Exchange items of a delivered order for others of the same products; works once for an order. ${ask}`,
    { order_id: orderId, item_ids: oldItems, new_item_ids: newItems, payment_method_id: method },
  ),
  define("find_user_id_by_email", "Find a customer's id by email.", {
    email: text("The email address."),
  }),
  define("find_user_id_by_name_zip", "Find a customer's id by name and postal code.", {
    first_name: text("First name."),
    last_name: text("Last name."),
    zip: text("Postal code."),
  }),
  define("get_item_details", "Read options, price and stock of one item.", {
    item_id: text("The item's id, which is no product id."),
  }),
  define("get_order_details", "Read an order: items, status, address, shipping, payments.", {
    order_id: orderId,
  }),
  define("get_product_details", "Read a product with all its items.", {
    product_id: text("The product's id, which is no item id."),
  }),
  define("get_user_details", "Read a customer: address, payment methods, orders.", {
    user_id: text("The customer's id."),
  }),
  define("list_all_product_types", "List the names of all products with their ids.", {}),
  define("modify_pending_order_address", `Send a pending order to another address. ${ask}`, {
    order_id: orderId,
    ...address,
  }),
  define(
    "modify_pending_order_items",
    `Change items of a pending order to others of the same products; works once for an order. ${ask}`,
    { order_id: orderId, item_ids: oldItems, new_item_ids: newItems, payment_method_id: method },
  ),
  define("modify_pending_order_payment", `Pay a pending order in another way. ${ask}`, {
    order_id: orderId,
    payment_method_id: method,
  }),
  define("modify_user_address", `Change a customer's own address. ${ask}`, {
    user_id: text("The customer's id."),
    ...address,
  }),
  define("return_delivered_order_items", `Take items of a delivered order back. ${ask}`, {
    order_id: orderId,
    item_ids: oldItems,
    payment_method_id: method,
  }),
  define("transfer_to_human_agents", "Hand the customer over to a person.", {
    summary: text("What the person needs to know."),
  }),
];

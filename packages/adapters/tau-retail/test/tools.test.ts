import type { JsonObject } from "@harnessx/core/plugin";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { callTool, Database, generateData } from "../src/index.ts";
import type { Order } from "../src/index.ts";
import { floatText, roundToCents } from "../src/money.ts";
import { calculate } from "../src/tools/calculate.ts";

const { records } = generateData(1, 24);
const orders = [...records.orders.values()];
const delivered = orders.find(({ status }) => status === "delivered")!;
const pendingOn = (source: string): Order =>
  orders.find(
    ({ status, payment_history: [first] }) =>
      status === "pending" && first!.payment_method_id.startsWith(source),
  )!;
const methodOf = (order: Order, source: string): string =>
  Object.keys(records.users.get(order.user_id)!.payment_methods).find((id) =>
    id.startsWith(source),
  )!;
const fresh = (): Database => new Database(records);
const refusal = (database: Database, name: string, input: JsonObject): string | undefined =>
  callTool(database, name, input).error?.message;
const otherItem = (order: Order, at = 0): string => {
  const item = order.items[at]!;
  const { variants } = records.products.get(item.product_id)!;
  return Object.values(variants).find(
    ({ item_id: id, available }) => available && id !== item.item_id,
  )!.item_id;
};
const address = {
  address1: "1 Quay",
  address2: "",
  city: "Norwick",
  state: "OR",
  country: "USA",
  zip: "1",
};

describe("calculate", () => {
  test.each([
    ["3131.1 + 4777.75 + 367.38", "8276.23"],
    ["135.24 - 153.23", "-17.99"],
    ["2 * (3 + 4)", "14.0"],
    ["-2 ** 2", "-4.0"],
    ["2 ** 3 ** 2", "512.0"],
    ["7 // 2", "3.0"],
    [".5 + 1.", "1.5"],
    ["1 / 3", "0.33"],
    ["0.125", "0.12"],
    ["0.375", "0.38"],
    ["--3", "3.0"],
  ])("%s is %s", (expression, value) => {
    expect(calculate(expression)).toBe(value);
  });

  test.each(["", "1 2", "1 +", "(1", "1)", "007", "2 * * 3", "1.2.3", "1 / 0", "0 ** -1", "2(3)"])(
    "%j has no value",
    (expression) => {
      expect(() => calculate(expression)).toThrow();
    },
  );

  test("other characters are refused before anything is read", () => {
    expect(refusal(fresh(), "calculate", { expression: "__import__" })).toBe(
      "Invalid characters in expression",
    );
  });

  test("agrees with JavaScript on sums, products and quotients", () => {
    const number = fc.integer({ min: 1, max: 99_999 }).map((cents) => cents / 100);
    fc.assert(
      fc.property(number, number, number, (a, b, c) => {
        expect(calculate(`${a} + ${b} * ${c}`)).toBe(floatText(roundToCents(a + b * c)));
        expect(calculate(`(${a} - ${b}) / ${c}`)).toBe(floatText(roundToCents((a - b) / c)));
      }),
      { seed: 7 },
    );
  });
});

describe("reading", () => {
  test("what is not there is refused, also under names of objects", () => {
    const database = fresh();
    expect(refusal(database, "get_order_details", { order_id: "W1" })).toBe("Order not found");
    expect(refusal(database, "get_user_details", { user_id: "constructor" })).toBe(
      "User not found",
    );
    expect(refusal(database, "get_product_details", { product_id: "1" })).toBe("Product not found");
    expect(refusal(database, "get_item_details", { item_id: "__proto__" })).toBe("Item not found");
    expect(refusal(database, "find_user_id_by_email", { email: "x" })).toBe("User not found");
    expect(refusal(database, "toString", {})).toBe("Tool 'toString' not found.");
  });

  test("names and emails are found whatever their case", () => {
    const [user] = [...records.users.values()];
    const { name, email, address: home, user_id: id } = user!;
    const found = [
      callTool(fresh(), "find_user_id_by_email", { email: email.toUpperCase() }),
      callTool(fresh(), "find_user_id_by_name_zip", {
        first_name: name.first_name.toUpperCase(),
        last_name: name.last_name.toLowerCase(),
        zip: home.zip,
      }),
    ];
    expect(found.map(({ content }) => content)).toEqual([id, id]);
  });

  test("products are listed by name", () => {
    const names = Object.keys(
      JSON.parse(callTool(fresh(), "list_all_product_types", {}).content as string) as object,
    );
    expect(names).toEqual(names.toSorted());
    expect(names).toHaveLength(6);
  });
});

describe("writing", () => {
  test("cancelling refunds, a gift card at once", () => {
    const order = pendingOn("gift_card");
    const database = fresh();
    const card = methodOf(order, "gift_card");
    expect(
      refusal(database, "cancel_pending_order", { order_id: order.order_id, reason: "bored" }),
    ).toBe("Invalid reason");
    expect(database.changes()).toEqual({});
    callTool(database, "cancel_pending_order", {
      order_id: order.order_id,
      reason: "ordered by mistake",
    });
    const { orders: changed, users } = database.changes();
    const [payment] = order.payment_history;
    expect(changed![order.order_id]).toMatchObject({
      status: "cancelled",
      cancel_reason: "ordered by mistake",
      payment_history: [payment, { transaction_type: "refund", amount: payment!.amount }],
    });
    expect(users![order.user_id]!.payment_methods[card]!.balance).toBe(
      roundToCents(900 + payment!.amount),
    );
    expect(records.users.get(order.user_id)!.payment_methods[card]!.balance).toBe(900);
  });

  test("items are changed once, and only to what can be had", () => {
    const order = pendingOn("credit_card");
    const [item] = order.items;
    const input = {
      order_id: order.order_id,
      item_ids: [item!.item_id],
      new_item_ids: [otherItem(order)],
      payment_method_id: methodOf(order, "credit_card"),
    };
    const database = fresh();
    const tool = "modify_pending_order_items";
    const refused = (changes: JsonObject): string | undefined =>
      refusal(database, tool, { ...input, ...changes });
    expect(refused({ item_ids: [item!.item_id, item!.item_id] })).toBe(
      `${item!.item_id} not found`,
    );
    expect(refused({ new_item_ids: [] })).toBe("The number of items to be exchanged should match");
    expect(refused({ new_item_ids: [item!.item_id] })).toMatch("different from the old item");
    expect(refused({ new_item_ids: [otherItem(order, 1)] })).toBe("Variant not found");
    expect(refused({ payment_method_id: "paypal_1" })).toBe("Payment method not found");
    expect(database.changes()).toEqual({});
    expect(refused({})).toBeUndefined();
    expect(refused({})).toBe("Non-pending order cannot be modified");
    // The address of such an order can still change.
    expect(
      refusal(database, "modify_pending_order_address", { order_id: order.order_id, ...address }),
    ).toBeUndefined();
    expect(
      refusal(database, "cancel_pending_order", {
        order_id: order.order_id,
        reason: "no longer needed",
      }),
    ).toBe("Non-pending order cannot be cancelled");
  });

  test("every changed item gets the price and options of the last one, as upstream's databases have it", () => {
    const order = pendingOn("credit_card");
    const database = fresh();
    callTool(database, "modify_pending_order_items", {
      order_id: order.order_id,
      item_ids: order.items.slice(0, 2).map(({ item_id: id }) => id),
      new_item_ids: [otherItem(order, 0), otherItem(order, 1)],
      payment_method_id: methodOf(order, "credit_card"),
    });
    const [first, second, third] = database.order(order.order_id)!.items;
    expect(first!.item_id).not.toBe(second!.item_id);
    expect([first!.price, first!.options]).toEqual([second!.price, second!.options]);
    expect(third).toEqual(order.items[2]);
  });

  test("a gift card must cover the difference", () => {
    const poor = structuredClone(records.users.get(delivered.user_id)!);
    const card = methodOf(delivered, "gift_card");
    poor.payment_methods[card]!.balance = -1000;
    const database = new Database({
      ...records,
      users: new Map([...records.users, [poor.user_id, poor]]),
    });
    const input = {
      order_id: delivered.order_id,
      item_ids: [delivered.items[0]!.item_id],
      new_item_ids: [otherItem(delivered)],
    };
    const exchange = (method: string): string | undefined =>
      refusal(database, "exchange_delivered_order_items", { ...input, payment_method_id: method });
    expect(exchange(card)).toMatch("Insufficient gift card balance");
    expect(exchange(methodOf(delivered, "credit_card"))).toBeUndefined();
  });

  test("refunds of returns go where the money came from, or to a gift card", () => {
    const items = delivered.items.map(({ item_id: id }) => id);
    const back = (method: string, ids: readonly string[] = items): string | undefined =>
      refusal(fresh(), "return_delivered_order_items", {
        order_id: delivered.order_id,
        item_ids: ids,
        payment_method_id: method,
      });
    expect(back(methodOf(delivered, "credit_card"))).toBeUndefined();
    expect(back(methodOf(delivered, "gift_card"))).toBeUndefined();
    expect(back("paypal_1")).toBe("Payment method not found");
    expect(back(methodOf(delivered, "credit_card"), ["1"])).toBe("Some item not found");
    const paidByCard = new Database({
      ...records,
      orders: new Map([
        [
          delivered.order_id,
          {
            ...delivered,
            payment_history: [
              { transaction_type: "payment", amount: 1, payment_method_id: "paypal_1" },
            ],
          },
        ],
      ]),
    });
    expect(
      refusal(paidByCard, "return_delivered_order_items", {
        order_id: delivered.order_id,
        item_ids: items,
        payment_method_id: methodOf(delivered, "credit_card"),
      }),
    ).toBe("Payment method should be the original payment method");
  });

  test("another payment method takes the money and gives the old one back", () => {
    const order = pendingOn("gift_card");
    const database = fresh();
    const pay = (method: string): string | undefined =>
      refusal(database, "modify_pending_order_payment", {
        order_id: order.order_id,
        payment_method_id: method,
      });
    const card = methodOf(order, "gift_card");
    expect(pay(card)).toMatch("should be different");
    expect(pay(methodOf(order, "credit_card"))).toBeUndefined();
    expect(database.user(order.user_id)!.payment_methods[card]!.balance).toBe(
      roundToCents(900 + order.payment_history[0]!.amount),
    );
    expect(pay(card)).toMatch("exactly one payment");
  });

  test("an address that is set to what it was is no change", () => {
    const database = fresh();
    const order = pendingOn("credit_card");
    const move = (to: typeof address): void =>
      void callTool(database, "modify_pending_order_address", { order_id: order.order_id, ...to });
    move(address);
    expect(Object.keys(database.changes().orders!)).toEqual([order.order_id]);
    move(order.address);
    expect(database.changes()).toEqual({});
  });
});

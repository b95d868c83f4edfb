import { tool } from "@harnessx/core/plugin";
import type { JsonObject, Tool, ToolResult } from "@harnessx/core/plugin";
import type { Address } from "../data/records.ts";
import type { ToolText } from "../data/task.ts";
import type { Database } from "../database.ts";
import { renderResult } from "../render.ts";
import { calculate } from "./calculate.ts";
import { findItem, findOrder, findProduct, findUser, findUserWho } from "./find.ts";
import { exchangeItems, modifyItems, type ItemChange } from "./item-changes.ts";
import {
  cancelOrder,
  modifyAddress,
  modifyPayment,
  modifyUserAddress,
  returnItems,
} from "./order-changes.ts";
import { Refusal } from "./refusal.ts";
import { toolTexts } from "./texts.ts";

/** What each tool does; arguments have been checked against its schema. */
type Action = (database: Database, input: never) => unknown;

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const reading: Readonly<Record<string, Action>> = {
  calculate: (_, { expression }: { expression: string }) => calculate(expression),
  find_user_id_by_email: (database, { email }: { email: string }) =>
    findUserWho(database, (user) => same(user.email, email)),
  find_user_id_by_name_zip: (
    database,
    input: { first_name: string; last_name: string; zip: string },
  ) =>
    findUserWho(
      database,
      ({ name, address }) =>
        same(name.first_name, input.first_name) &&
        same(name.last_name, input.last_name) &&
        address.zip === input.zip,
    ),
  get_item_details: (database, { item_id: id }: { item_id: string }) => findItem(database, id),
  get_order_details: (database, { order_id: id }: { order_id: string }) => findOrder(database, id),
  get_product_details: (database, { product_id: id }: { product_id: string }) =>
    findProduct(database, id),
  get_user_details: (database, { user_id: id }: { user_id: string }) => findUser(database, id),
  list_all_product_types: (database) => listProducts(database),
  transfer_to_human_agents: () => "Transfer successful",
};

const writing: Readonly<Record<string, Action>> = {
  cancel_pending_order: cancelOrder,
  exchange_delivered_order_items: (database, input: ItemChange) => exchangeItems(database, input),
  modify_pending_order_address: (database, input: Address & { order_id: string }) =>
    modifyAddress(database, input),
  modify_pending_order_items: (database, input: ItemChange) => modifyItems(database, input),
  modify_pending_order_payment: modifyPayment,
  modify_user_address: (database, input: Address & { user_id: string }) =>
    modifyUserAddress(database, input),
  return_delivered_order_items: returnItems,
};

/** Names of the tools that change the database. */
export const writes: ReadonlySet<string> = new Set(Object.keys(writing));

/** The 16 tools over one database. */
export const createTools = (database: Database, texts: ReadonlyMap<string, ToolText>): Tool[] =>
  toolTexts.map((own) =>
    tool<JsonObject>({
      ...(texts.get(own.name) ?? own),
      ...(writes.has(own.name) ? {} : { tags: ["read-only"] }),
      execute: (input) => callTool(database, own.name, input),
    }),
  );

/**
 * Makes one call. Anything that the shop refuses, and a tool that does not exist, is an error result.
 *
 * @example
 * ```ts
 * import { callTool, Database, generateData } from "@harnessx/adapter-tau-retail";
 * const database = new Database(generateData(1, 8).records);
 * callTool(database, "calculate", { expression: "1 / 3" }).content; // "0.33"
 * ```
 */
export function callTool(database: Database, name: string, input: JsonObject): ToolResult {
  const action = Object.hasOwn(reading, name) ? reading[name] : undefined;
  const change = Object.hasOwn(writing, name) ? writing[name] : undefined;
  try {
    const run = action ?? change;
    if (run === undefined) throw new Refusal(`Tool '${name}' not found.`);
    return { status: "ok", content: renderResult(run(database, input as never)) };
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    const { message } = thrown;
    return { status: "error", content: `Error: ${message}`, error: { code: "REFUSED", message } };
  }
}

function listProducts({ products }: Database): Readonly<Record<string, string>> {
  const rows = [...products.values()].map(({ name, product_id: id }) => [name, id] as const);
  const sorted = rows.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted);
}

import { defineSuite } from "@harnessx/core/plugin";
import { createSuite, type TauRetailOptions } from "./suite.ts";

export { loadData } from "./data/files.ts";
export { hasStandardData, standardFolder } from "./data/locate.ts";
export type {
  Address,
  CancelReason,
  Customer,
  Order,
  OrderItem,
  OrderStatus,
  Payment,
  PaymentMethod,
  Product,
  Records,
  Variant,
} from "./data/records.ts";
export type { GoldCall, RetailData, RetailTask, Scenario, ToolText } from "./data/task.ts";
export { Database } from "./database.ts";
export type { ChangedRecords } from "./database.ts";
export { tauRetailErrors } from "./errors.ts";
export type { TauRetailError, TauRetailErrorCode } from "./errors.ts";
export { generateData } from "./generator/generate.ts";
export { callTool } from "./tools/index.ts";
export type { TauRetailOptions } from "./suite.ts";

/** The retail suite: customers of a shop, 16 tools, scored by the final database and what was said. */
export default defineSuite<TauRetailOptions>((options, { root }) => createSuite(options, root));

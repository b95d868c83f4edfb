/** A postal address. */
export interface Address {
  address1: string;
  address2: string;
  city: string;
  country: string;
  state: string;
  zip: string;
}

/** A product in one choice of its options. */
export interface Variant {
  readonly item_id: string;
  readonly options: Readonly<Record<string, string>>;
  readonly available: boolean;
  readonly price: number;
}

/** A kind of product; `variants` by item id. */
export interface Product {
  readonly name: string;
  readonly product_id: string;
  readonly variants: Readonly<Record<string, Variant>>;
}

/** A way to pay; only a gift card has a balance. */
export interface PaymentMethod {
  readonly source: "credit_card" | "gift_card" | "paypal";
  readonly id: string;
  readonly brand?: string;
  readonly last_four?: string;
  balance?: number;
}

/** A customer; `payment_methods` by id. */
export interface Customer {
  readonly user_id: string;
  readonly name: { readonly first_name: string; readonly last_name: string };
  address: Address;
  readonly email: string;
  readonly payment_methods: Readonly<Record<string, PaymentMethod>>;
  readonly orders: readonly string[];
}

/** One item of an order. */
export interface OrderItem {
  readonly name: string;
  readonly product_id: string;
  item_id: string;
  price: number;
  options: Readonly<Record<string, string>>;
}

/** Money that went one way or the other. */
export interface Payment {
  readonly transaction_type: "payment" | "refund";
  readonly amount: number;
  readonly payment_method_id: string;
}

/** Why an order is cancelled. */
export type CancelReason = "no longer needed" | "ordered by mistake";

/** Where an order stands. */
export type OrderStatus =
  | "processed"
  | "pending"
  | "pending (item modified)"
  | "delivered"
  | "cancelled"
  | "exchange requested"
  | "return requested";

/** An order. Members that a tool has not set are absent. */
export interface Order {
  readonly order_id: string;
  readonly user_id: string;
  address: Address;
  items: OrderItem[];
  status: OrderStatus;
  readonly fulfillments: readonly {
    readonly tracking_id: readonly string[];
    readonly item_ids: readonly string[];
  }[];
  payment_history: Payment[];
  cancel_reason?: CancelReason;
  exchange_items?: readonly string[];
  exchange_new_items?: readonly string[];
  exchange_payment_method_id?: string;
  exchange_price_difference?: number;
  return_items?: readonly string[];
  return_payment_method_id?: string;
}

/** The records of the shop, each by its id. */
export interface Records {
  readonly products: ReadonlyMap<string, Product>;
  readonly users: ReadonlyMap<string, Customer>;
  readonly orders: ReadonlyMap<string, Order>;
}

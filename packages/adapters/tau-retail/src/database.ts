import type { Customer, Order, Records } from "./data/records.ts";

/** Records of which single ones differ from a common base. */
export interface ChangedRecords {
  readonly users?: Readonly<Record<string, Customer>>;
  readonly orders?: Readonly<Record<string, Order>>;
}

/**
 * The database of one episode: the records of the data, of which a changed one is copied first.
 * Products never change.
 */
export class Database {
  readonly #base: Records;
  readonly #users = new Map<string, Customer>();
  readonly #orders = new Map<string, Order>();

  constructor(base: Records) {
    this.#base = base;
  }

  get products(): Records["products"] {
    return this.#base.products;
  }

  /** All customers, in the order of the data. */
  *users(): Iterable<Customer> {
    for (const id of this.#base.users.keys()) yield this.user(id)!;
  }

  user(id: string): Customer | undefined {
    return this.#users.get(id) ?? this.#base.users.get(id);
  }

  order(id: string): Order | undefined {
    return this.#orders.get(id) ?? this.#base.orders.get(id);
  }

  /** The customer's record for changing. */
  changeUser({ user_id: id }: Customer): Customer {
    return copyOnce(this.#users, this.#base.users, id);
  }

  /** The order's record for changing. */
  changeOrder({ order_id: id }: Order): Order {
    return copyOnce(this.#orders, this.#base.orders, id);
  }

  /** The records that differ from the base; a table without one is absent. */
  changes(): ChangedRecords {
    const users = differing(this.#users, this.#base.users);
    const orders = differing(this.#orders, this.#base.orders);
    return { ...(users && { users }), ...(orders && { orders }) };
  }
}

function copyOnce<Row>(changed: Map<string, Row>, base: ReadonlyMap<string, Row>, id: string): Row {
  const known = changed.get(id);
  if (known !== undefined) return known;
  const copy = structuredClone(base.get(id)!);
  changed.set(id, copy);
  return copy;
}

function differing<Row>(
  changed: ReadonlyMap<string, Row>,
  base: ReadonlyMap<string, Row>,
): Record<string, Row> | undefined {
  const rows = [...changed].filter(([id, row]) => canonical(row) !== canonical(base.get(id)));
  return rows.length === 0 ? undefined : Object.fromEntries(rows);
}

/** JSON with sorted keys: equal for equal values. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined && field !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`);
  return `{${fields.join(",")}}`;
}

import { search } from "./search.ts";
import type { Product } from "./stock.ts";

/** Results on one page. */
export const PAGE_SIZE = 6;

/** What was bought and in which variant. */
export interface Purchase {
  readonly product: Product;
  readonly chosen: Readonly<Record<string, string>>;
}

/** What the shop answers; `refused` when the call made no sense. */
export interface Answer {
  readonly text: string;
  readonly refused?: true;
}

const refuse = (text: string): Answer => ({ text, refused: true });
const money = (dollars: number): string => `$${dollars.toFixed(2)}`;

/** One visit to the shop: what is on the screen, and what was bought in the end. */
export class Visit {
  readonly #products: readonly Product[];
  #query = "";
  #results: readonly Product[] | undefined;
  #page = 0;
  #open: Product | undefined;
  #chosen: Record<string, string> = {};
  #purchase: Purchase | undefined;

  constructor(products: readonly Product[]) {
    this.#products = products;
  }

  get purchase(): Purchase | undefined {
    return this.#purchase;
  }

  search(query: string): Answer {
    this.#query = query;
    this.#results = search(this.#products, query);
    this.#page = 0;
    return this.#list();
  }

  /** Goes on or back by one page of the latest search. */
  turn(by: 1 | -1): Answer {
    if (this.#results === undefined) return refuse("Search for something first.");
    const page = this.#page + by;
    if (page < 0) return refuse("This is the first page.");
    if (page >= this.#pages()) return refuse("There are no more pages.");
    this.#page = page;
    return this.#list();
  }

  open(id: string): Answer {
    const product = this.#products.find((one) => one.id === id.trim().toUpperCase());
    if (product === undefined) return refuse(`There is no item ${id.slice(0, 40)}.`);
    this.#open = product;
    this.#chosen = {};
    return { text: pageOf(product) };
  }

  choose(option: string, value: string): Answer {
    if (this.#open === undefined) return refuse("Open an item first.");
    const name = option.trim().toLowerCase();
    const wanted = value.trim().toLowerCase();
    const values = Object.hasOwn(this.#open.options, name) ? this.#open.options[name] : undefined;
    if (values === undefined) return refuse(`This item has no option ${option.slice(0, 40)}.`);
    if (!values.includes(wanted))
      return refuse(`${name} is not available as ${value.slice(0, 40)}.`);
    this.#chosen = { ...this.#chosen, [name]: wanted };
    return { text: `You chose ${name} ${wanted} for ${this.#open.id}.` };
  }

  buy(): Answer {
    if (this.#open === undefined) return refuse("Open an item first.");
    this.#purchase = { product: this.#open, chosen: this.#chosen };
    return { text: `You bought ${this.#open.id}.` };
  }

  #pages(): number {
    return Math.max(1, Math.ceil((this.#results ?? []).length / PAGE_SIZE));
  }

  #list(): Answer {
    this.#open = undefined;
    const results = this.#results ?? [];
    if (results.length === 0) return { text: `Nothing found for "${this.#query.slice(0, 80)}".` };
    const from = this.#page * PAGE_SIZE;
    const head = `Page ${this.#page + 1} of ${this.#pages()}, ${results.length} results for "${this.#query.slice(0, 80)}"`;
    const lines = results
      .slice(from, from + PAGE_SIZE)
      .map(({ id, title, price }) => `[${id}] ${title}, ${money(price)}`);
    return { text: [head, ...lines].join("\n") };
  }
}

/** An item's own page: everything that is known of it. */
function pageOf({ id, title, price, features, options }: Product): string {
  const offered = Object.entries(options).map(([name, values]) => `${name}: ${values.join(" | ")}`);
  return [
    `[${id}] ${title}`,
    `Price: ${money(price)}`,
    `Features: ${features.join("; ")}`,
    ...offered,
  ].join("\n");
}

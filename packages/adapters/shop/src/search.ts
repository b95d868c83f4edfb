import { hashOf } from "./random.ts";
import type { Product } from "./stock.ts";

/**
 * Products by how many words of the query their titles hold, best first. Whatever else is equal, the
 * order depends on query and product alone: the same search gives the same pages.
 */
export function search(products: readonly Product[], query: string): readonly Product[] {
  const wanted = new Set(wordsOf(query));
  return products
    .map((product) => ({
      product,
      hits: new Set(wordsOf(product.title).filter((word) => wanted.has(word))).size,
      tie: hashOf(`${query.toLowerCase()} ${product.id}`),
    }))
    .filter(({ hits }) => hits > 0)
    .toSorted((a, b) => b.hits - a.hits || a.tie - b.tie)
    .map(({ product }) => product);
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

/** Passes and failures. */
export interface Tries {
  readonly s: number;
  readonly f: number;
}

/** A harness of the pool with what is known of it. */
export interface Variant {
  /** `main` stands in harness.json; the others belong to clusters. */
  readonly id: string;
  /** Hash of its harness. */
  readonly version: string;
  /** The variant that it was forked from. */
  readonly parent?: string;
  /** Clusters that it was certified for. */
  readonly scope: "all" | readonly string[];
  /** By cluster. A child starts with its parent's and with all that its gate measured. */
  readonly ledger: Readonly<Record<string, Tries>>;
  /** Verdicts since it exists. */
  readonly age: number;
}

/**
 * Leads a person to a page where they consent, and gives the address to which their browser was
 * sent back. Rejects when they do not.
 */
export interface Consent {
  /** Where the browser is sent back to. */
  readonly redirectUrl: string;
  visit(page: URL): Promise<URL>;
  /** Called when no consent is waited for any more. */
  close(): void;
}

/** Shows a page to the person, such as by opening their browser. */
export type ShowPage = (page: URL) => void | Promise<void>;

/** Prepares a consent; `redirectUrl` is where the browser must be sent back to, if that is fixed. */
export type ConsentProvider = (redirectUrl: string | undefined) => Promise<Consent>;

/** A request of a tool; plain data, so that it can cross the border of a sandbox. */
export interface HttpRequest {
  /** `http:` or `https:`. */
  readonly url: string;
  /** (GET) */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** (30,000) */
  readonly timeoutMs?: number;
}

/** What came back, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As text; longer than 4 MiB is an error. */
  readonly body: string;
}

import { Agent, request } from "node:http";

/** A response as far as tools look at it. */
export interface Got {
  readonly status: number;
  readonly body: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/** Fetches a URL of the local server. */
export function get(url: string, signal?: AbortSignal): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, ...(signal && { signal }) }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end();
  });
}

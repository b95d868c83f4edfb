import type { TokenRecord } from "@harnessx/core/plugin";

/** Log-probability of one token as servers send it; vLLM and others add the id. */
export interface TokenLogprob {
  readonly token?: string;
  readonly logprob?: number;
  readonly token_id?: number;
}

/** Token ids and log-probabilities as they come in, in pieces or at once. */
export class TokenCollector {
  #ids: number[] = [];
  #logprobs: TokenLogprob[] = [];
  #prompt: readonly number[] | undefined;

  take(ids: unknown, logprobs: unknown, prompt: unknown): void {
    if (Array.isArray(ids)) this.#ids.push(...(ids as number[]));
    if (Array.isArray(logprobs)) this.#logprobs.push(...(logprobs as TokenLogprob[]));
    if (Array.isArray(prompt)) this.#prompt = prompt as number[];
  }

  /** The record, or why there is none although it was asked for. */
  finish(wanted: boolean): { readonly tokens?: TokenRecord; readonly warning?: string } {
    if (!wanted) return {};
    if (this.#logprobs.length === 0) return { warning: "The server sent no log-probabilities." };
    const output = this.#ids.length > 0 ? this.#ids : this.#logprobs.map(idOf);
    const logprobs = this.#logprobs.map(({ logprob }) => logprob ?? Number.NaN);
    if (output.length !== logprobs.length) {
      return {
        warning: `The server sent ${output.length} token ids and ${logprobs.length} log-probabilities; both were left out.`,
      };
    }
    if (!output.every((id) => Number.isSafeInteger(id) && (id as number) >= 0))
      return {
        warning: "The server sent log-probabilities without token ids; both were left out.",
      };
    // Rounding makes a certain token a little more than certain.
    if (!logprobs.every((logprob) => Number.isFinite(logprob) && logprob < 1e-3))
      return { warning: "The server sent log-probabilities that are none; they were left out." };
    const prompt = this.#prompt;
    return {
      tokens: {
        ...(prompt ? { prompt } : {}),
        output: output as number[],
        logprobs: logprobs.map((logprob) => Math.min(0, logprob)),
      },
    };
  }
}

/** The id beside a log-probability, or inside the token's name as `token_id:17`. */
function idOf({ token, token_id: id }: TokenLogprob): number | undefined {
  if (id !== undefined) return id;
  const named = /^token_id:(\d+)$/.exec(token ?? "");
  return named ? Number(named[1]) : undefined;
}

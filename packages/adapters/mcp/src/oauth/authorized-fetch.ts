import { HarnessXError } from "@harnessx/core/plugin";
import { mcpError, problemOf } from "../errors.ts";
import type { Waiting } from "../session/session.ts";
import type { Fetch } from "../transport/bounded-fetch.ts";
import type { ConsentProvider } from "./consent.ts";
import { EndpointAuthorization, type ResolvedOAuth } from "./provider.ts";
import {
  auth,
  computeScopeUnion,
  extractWWWAuthenticateParams,
  isStrictScopeSuperset,
} from "./sdk.ts";
import type { AuthorizationStore } from "./store.ts";

/** A server that still wants more after this many authorizations of one request will never be content. */
const MAX_AUTHORIZATIONS = 3;

export interface Authorizing {
  readonly server: string;
  readonly url: URL;
  readonly options: ResolvedOAuth;
  readonly store: AuthorizationStore;
  /** Absent where no person can be asked. */
  readonly consent: ConsentProvider | undefined;
  readonly fetch: Fetch;
}

/** What a refusal asks for. */
interface Challenge {
  readonly resourceMetadataUrl: URL | undefined;
  readonly scope: string | undefined;
  readonly insufficient: boolean;
}

/**
 * Authorizes at a server when it says so, for both SDKs alike: they see a `fetch` that is never
 * answered with 401. Requests that are refused at the same time lead to one authorization.
 */
export class AuthorizedFetch {
  readonly #authorizing: Authorizing;
  #scope: string | undefined;
  #underWay: Promise<void> | undefined;

  constructor(authorizing: Authorizing) {
    this.#authorizing = authorizing;
    this.#scope = authorizing.options.scope || undefined;
  }

  /** The `fetch` of one connection; `waiting` holds its deadline back while a person consents. */
  for(waiting: Waiting): Fetch {
    return async (url, init) => {
      for (let tries = 0; ; tries++) {
        const token = (await this.#authorizing.store.tokens())?.access_token;
        const response = await this.#authorizing.fetch(url, withToken(init, token));
        const challenge = challengeOf(response);
        if (!challenge) return response;
        await response.body?.cancel();
        if (tries >= MAX_AUTHORIZATIONS) throw this.#fault("it refuses every authorization");
        const known = (await this.#authorizing.store.tokens())?.access_token;
        // Somebody else has authorized meanwhile: what they got may do.
        if (known !== token && !challenge.insufficient) continue;
        await (this.#underWay ??= this.#authorize(challenge, waiting).finally(() => {
          this.#underWay = undefined;
        }));
      }
    };
  }

  async #authorize(challenge: Challenge, waiting: Waiting): Promise<void> {
    const { options, consent, store } = this.#authorizing;
    const interactive = options.grant === "authorization_code";
    const tokens = await store.tokens();
    // The server may have moved to another authorization server since it was last asked.
    await store.keep("discovery", undefined);
    // Asking for more must not lose what was granted before.
    this.#scope = challenge.insufficient
      ? computeScopeUnion(this.#scope, tokens?.scope, challenge.scope)
      : computeScopeUnion(this.#scope, challenge.scope);
    const forceReauthorization =
      challenge.insufficient && isStrictScopeSuperset(this.#scope, tokens?.scope);
    try {
      if (!interactive)
        return await this.#once(challenge, undefined, forceReauthorization, waiting);
      const person = consent && (await consent(options.redirectUrl || undefined));
      try {
        await this.#once(challenge, person, forceReauthorization, waiting);
      } finally {
        person?.close();
      }
    } catch (thrown) {
      if (HarnessXError.isInstance(thrown)) throw thrown;
      throw this.#fault(problemOf(thrown), thrown);
    }
  }

  async #once(
    challenge: Challenge,
    person: Awaited<ReturnType<ConsentProvider>> | undefined,
    forceReauthorization: boolean,
    waiting: Waiting,
  ): Promise<void> {
    const { options, store, url, fetch } = this.#authorizing;
    const pages: URL[] = [];
    // Without a person a refresh token may still do; the page is then never shown.
    const redirectUrl = person?.redirectUrl ?? (options.redirectUrl || "http://127.0.0.1/callback");
    const provider = new EndpointAuthorization(options, store, redirectUrl, (page) =>
      pages.push(page),
    );
    if (person) await this.#registeredElsewhere(redirectUrl);
    const asking = {
      serverUrl: url,
      resourceMetadataUrl: challenge.resourceMetadataUrl,
      scope: this.#scope,
      fetchFn: fetch,
    };
    if ((await auth(provider, { ...asking, forceReauthorization })) === "AUTHORIZED") return;
    const page = pages.at(-1);
    if (!person || !page) throw this.#fault("a person has to consent, and there is nobody to ask");
    const back = await waiting(() => person.visit(page));
    await this.#redeem(provider, asking, back);
  }

  async #redeem(
    provider: EndpointAuthorization,
    asking: Omit<Parameters<typeof auth>[1], "authorizationCode">,
    back: URL,
  ): Promise<void> {
    const { searchParams } = back;
    if (searchParams.get("state") !== provider.state())
      throw this.#fault("the answer belongs to another question");
    const authorizationCode = searchParams.get("code");
    // What an answer without a code says is not repeated: it may come from anybody.
    if (authorizationCode === null) throw this.#fault("the consent was not given");
    const iss = searchParams.get("iss") ?? undefined;
    if (
      (await auth(provider, {
        ...asking,
        authorizationCode,
        ...(iss === undefined ? {} : { iss }),
      })) !== "AUTHORIZED"
    )
      throw this.#fault("the consent did not lead to a token");
  }

  /** A registration names the address to send the browser back to: another port needs another one. */
  async #registeredElsewhere(redirectUrl: string): Promise<void> {
    const { store, options } = this.#authorizing;
    const kept = (await store.client()) as { redirect_uris?: readonly string[] } | undefined;
    if (options.clientId === "" && kept?.redirect_uris && !kept.redirect_uris.includes(redirectUrl))
      await store.keep("client", undefined);
  }

  #fault(problem: string, cause?: unknown): Error {
    return mcpError("HX_MCP_AUTH", { server: this.#authorizing.server, problem }, cause);
  }
}

function challengeOf(response: Response): Challenge | undefined {
  if (response.status !== 401 && response.status !== 403) return undefined;
  const { resourceMetadataUrl, scope, error } = extractWWWAuthenticateParams(response);
  const insufficient = response.status === 403 && error === "insufficient_scope";
  if (response.status === 403 && !insufficient) return undefined;
  return { resourceMetadataUrl, scope, insufficient };
}

function withToken(
  init: RequestInit | undefined,
  token: string | undefined,
): RequestInit | undefined {
  if (token === undefined) return init;
  const headers = new Headers(init?.headers);
  headers.set("authorization", `Bearer ${token}`);
  return { ...init, headers };
}

import { randomBytes } from "node:crypto";
import { CLIENT_INFO } from "../protocol/identity.ts";
import type { OAuthOptions } from "../options.ts";
import {
  createPrivateKeyJwtAuth,
  type AddClientAuthentication,
  type OAuthClientMetadata,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
} from "./sdk.ts";
import type { AuthorizationStore } from "./store.ts";

/** Options with their secrets resolved. */
export interface ResolvedOAuth extends Omit<OAuthOptions, "clientSecret" | "privateKey"> {
  readonly clientSecret?: string;
  readonly privateKey?: string;
}

/** What the SDK's authorization needs to know and keep, for one endpoint. */
export class EndpointAuthorization implements OAuthClientProvider {
  readonly clientMetadataUrl: string | undefined;
  readonly addClientAuthentication?: AddClientAuthentication;
  readonly #options: ResolvedOAuth;
  readonly #store: AuthorizationStore;
  readonly #redirectUrl: string | undefined;
  readonly #onPage: (page: URL) => void;
  #verifier = "";
  #state = "";

  constructor(
    options: ResolvedOAuth,
    store: AuthorizationStore,
    redirectUrl: string | undefined,
    onPage: (page: URL) => void,
  ) {
    this.#options = options;
    this.#store = store;
    this.#redirectUrl = redirectUrl;
    this.#onPage = onPage;
    this.clientMetadataUrl = options.clientMetadataUrl || undefined;
    const { privateKey, clientId, privateKeyAlgorithm: alg } = options;
    if (privateKey !== undefined)
      this.addClientAuthentication = createPrivateKeyJwtAuth({
        issuer: clientId,
        subject: clientId,
        privateKey,
        alg,
      });
  }

  get redirectUrl(): string | undefined {
    return this.#options.grant === "client_credentials" ? undefined : this.#redirectUrl;
  }

  get clientMetadata(): OAuthClientMetadata {
    const { grant, scope, clientSecret, privateKey } = this.#options;
    const interactive = grant === "authorization_code";
    return {
      client_name: CLIENT_INFO.title,
      redirect_uris: interactive && this.#redirectUrl !== undefined ? [this.#redirectUrl] : [],
      grant_types: interactive ? ["authorization_code", "refresh_token"] : ["client_credentials"],
      response_types: interactive ? ["code"] : [],
      token_endpoint_auth_method:
        privateKey !== undefined
          ? "private_key_jwt"
          : clientSecret === undefined
            ? "none"
            : "client_secret_basic",
      ...(scope === "" ? {} : { scope }),
    };
  }

  state(): string {
    return (this.#state ||= randomBytes(24).toString("base64url"));
  }

  async clientInformation(): Promise<StoredOAuthClientInformation | undefined> {
    const { clientId, clientSecret } = this.#options;
    const kept = await this.#store.client();
    if (clientId === "") return kept;
    // A configured client is bound to the server at which it was first used.
    const issuer = kept?.client_id === clientId ? kept.issuer : undefined;
    return {
      client_id: clientId,
      ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
      ...(issuer === undefined ? {} : { issuer }),
    };
  }

  saveClientInformation(client: StoredOAuthClientInformation): Promise<void> {
    if (this.#options.clientId === "") return this.#store.keep("client", client);
    // The secret stays where it came from.
    const { client_id, issuer } = client;
    return this.#store.keep("client", { client_id, issuer });
  }

  tokens(): Promise<StoredOAuthTokens | undefined> {
    return this.#store.tokens();
  }

  saveTokens(tokens: StoredOAuthTokens): Promise<void> {
    return this.#store.keep("tokens", tokens);
  }

  redirectToAuthorization(page: URL): void {
    this.#onPage(page);
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  prepareTokenRequest(scope?: string): URLSearchParams | undefined {
    if (this.#options.grant !== "client_credentials") return undefined;
    const params = new URLSearchParams({ grant_type: "client_credentials" });
    if (scope) params.set("scope", scope);
    return params;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): Promise<void> {
    return this.#store.keep("discovery", state);
  }

  discoveryState(): Promise<OAuthDiscoveryState | undefined> {
    return this.#store.discovery();
  }

  async invalidateCredentials(
    scope: "all" | "client" | "tokens" | "verifier" | "discovery",
  ): Promise<void> {
    if (scope === "all" || scope === "tokens") await this.#store.keep("tokens", undefined);
    if ((scope === "all" || scope === "client") && this.#options.clientId === "")
      await this.#store.keep("client", undefined);
    if (scope === "all" || scope === "discovery") await this.#store.keep("discovery", undefined);
    if (scope === "all" || scope === "verifier") this.#verifier = "";
  }
}

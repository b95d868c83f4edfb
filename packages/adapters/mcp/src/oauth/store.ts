import type { Json, JsonObject } from "@harnessx/core/plugin";
import type {
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from "./sdk.ts";
import type { EndpointFile } from "../endpoint/memory.ts";

/** What is kept of an authorization, in a file that its owner alone can read. */
export interface AuthorizationFile extends JsonObject {
  readonly tokens?: JsonObject;
  readonly client?: JsonObject;
  readonly discovery?: JsonObject;
}

/** Tokens, registration and discovered addresses of one endpoint. */
export class AuthorizationStore {
  readonly #file: EndpointFile<AuthorizationFile>;

  constructor(file: EndpointFile<AuthorizationFile>) {
    this.#file = file;
  }

  async tokens(): Promise<StoredOAuthTokens | undefined> {
    return (await this.#file.read()).tokens as unknown as StoredOAuthTokens | undefined;
  }

  async client(): Promise<StoredOAuthClientInformation | undefined> {
    return (await this.#file.read()).client as unknown as StoredOAuthClientInformation | undefined;
  }

  async discovery(): Promise<OAuthDiscoveryState | undefined> {
    return (await this.#file.read()).discovery as unknown as OAuthDiscoveryState | undefined;
  }

  keep(
    what: "tokens" | "client" | "discovery",
    value: StoredOAuthTokens | StoredOAuthClientInformation | OAuthDiscoveryState | undefined,
  ): Promise<void> {
    return this.#file.merge({ [what]: value as unknown as Json as JsonObject });
  }
}

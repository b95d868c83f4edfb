import type { Json, JsonObject, JsonSchema } from "@harnessx/core/plugin";

/** A tool as its server defines it. */
export interface ToolDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly annotations?: {
    readonly title?: string;
    readonly readOnlyHint?: boolean;
    readonly destructiveHint?: boolean;
    readonly idempotentHint?: boolean;
    readonly openWorldHint?: boolean;
  };
}

/** One piece of what a tool, a resource or a prompt holds. */
export interface ContentBlock {
  readonly type: string;
  readonly text?: string;
  readonly data?: string;
  readonly mimeType?: string;
  readonly uri?: string;
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  readonly size?: number;
  readonly resource?: ResourceContents;
}

export interface ResourceContents {
  readonly uri: string;
  readonly mimeType?: string;
  readonly text?: string;
  readonly blob?: string;
}

export interface CallOutcome {
  readonly content?: readonly ContentBlock[];
  readonly structuredContent?: Json;
  readonly isError?: boolean;
  readonly _meta?: JsonObject;
}

export interface ResourceInfo {
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  readonly size?: number;
}

export interface ResourceTemplateInfo {
  readonly uriTemplate: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
}

export interface PromptInfo {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly arguments?: readonly {
    readonly name: string;
    readonly description?: string;
    readonly required?: boolean;
  }[];
}

export interface PromptText {
  readonly description?: string;
  readonly messages: readonly { readonly role: string; readonly content: ContentBlock }[];
}

/** What a server asks of us while it works on a request. */
export type ServerQuestion =
  | { readonly method: "sampling/createMessage"; readonly params: JsonObject }
  | { readonly method: "elicitation/create"; readonly params: JsonObject }
  | { readonly method: "roots/list"; readonly params: JsonObject };

/** One request to a server. */
export interface RequestScope {
  readonly signal: AbortSignal;
  onProgress?(progress: {
    readonly progress: number;
    readonly total?: number;
    readonly message?: string;
  }): void;
  /** Answers what the server asks because of this request; without it the owner of the connection does. */
  answer?(question: ServerQuestion): Promise<JsonObject>;
  /** The tool, where the era needs its definition to call it. */
  readonly definition?: ToolDefinition;
}

/** What happens on a connection outside of any request. */
export interface ConnectionOwner {
  toolsChanged(): void;
  closed(problem: string): void;
  log(entry: { readonly level: string; readonly logger?: string; readonly data: Json }): void;
  /** A question that came without a request to which it belongs. */
  answer(question: ServerQuestion): Promise<JsonObject>;
}

/** The features of the client that a connection declares. */
export interface ClientFeatures {
  readonly sampling: boolean;
  readonly elicitation: boolean;
  readonly roots: boolean;
  /** Severity from which the server is asked to log; undefined asks nothing. */
  readonly logLevel: string | undefined;
}

/** An open connection to a server, whatever revision of the protocol it speaks. */
export interface McpConnection {
  /** The revision in use, such as `2025-11-25`. */
  readonly protocol: string;
  readonly server: { readonly name: string; readonly version: string };
  readonly instructions: string | undefined;
  readonly capabilities: JsonObject;
  /** The process behind it, if there is one, for diagnosis. */
  readonly stderr: string;
  /** All pages. */
  listTools(scope: RequestScope): Promise<readonly ToolDefinition[]>;
  callTool(name: string, input: JsonObject, scope: RequestScope): Promise<CallOutcome>;
  listResources(scope: RequestScope): Promise<readonly ResourceInfo[]>;
  listResourceTemplates(scope: RequestScope): Promise<readonly ResourceTemplateInfo[]>;
  readResource(uri: string, scope: RequestScope): Promise<readonly ResourceContents[]>;
  listPrompts(scope: RequestScope): Promise<readonly PromptInfo[]>;
  getPrompt(
    name: string,
    input: Readonly<Record<string, string>>,
    scope: RequestScope,
  ): Promise<PromptText>;
  /** Values for an argument of a prompt or a resource template. */
  complete(
    of: { readonly prompt: string } | { readonly template: string },
    argument: { readonly name: string; readonly value: string },
    scope: RequestScope,
  ): Promise<readonly string[]>;
  ping(scope: RequestScope): Promise<void>;
  close(): Promise<void>;
}

/** More pages than any honest server has; a cursor that never ends stops here. */
export const MAX_PAGES = 200;

/** Collects all pages of a list. */
export async function allPages<Item>(
  page: (
    cursor: string | undefined,
  ) => Promise<{ readonly items: readonly Item[]; readonly nextCursor?: string }>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const { items: some, nextCursor } = await page(cursor);
    items.push(...some);
    if (nextCursor === undefined || nextCursor === cursor) return items;
    cursor = nextCursor;
  }
  throw new Error(`the list has more than ${MAX_PAGES} pages`);
}

/** Serves an agent as an OpenAI-compatible endpoint. */
export { serveOpenAi, type OpenAiServer, type ServeOpenAiOptions } from "./serve-openai.ts";
export type { HttpOptions } from "./http/options.ts";
export type { AgentOptions, ShowOptions } from "./run/settings.ts";
export { serveErrors } from "./errors.ts";

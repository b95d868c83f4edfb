import type { ModelDelta, ModelRequest, ModelResponse } from "@harnessx/core/plugin";

/** One of the provider's two APIs. Failures are whatever the client throws. */
export interface Api {
  whole(request: ModelRequest, signal: AbortSignal): Promise<ModelResponse>;
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta>;
}

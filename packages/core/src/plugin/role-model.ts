import type { Part } from "./message.ts";
import type { ModelResponse, Sampling } from "./model.ts";

/** A model role as a processor uses it; needs `capabilities.model` to list the role. */
export interface RoleModel {
  generate(prompt: {
    readonly system?: string;
    readonly user: string | readonly Part[];
    readonly sampling?: Sampling;
  }): Promise<ModelResponse>;
}

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { LanguageModelV3 } from "@ai-sdk/provider";
import type { Json, JsonObject } from "@harnessx/core/plugin";
import { aiSdkError } from "./errors.ts";
import { MAX_RESPONSE_BYTES, type AiSdkOptions } from "./options.ts";
import { boundedFetch } from "./transport/bounded-fetch.ts";

type Method = (model: string) => LanguageModelV3;

/** Makes the model that the options name. Throws HX_AI_SDK_PROVIDER. */
export async function modelOf(options: AiSdkOptions): Promise<LanguageModelV3> {
  const { provider, model, settings = {}, method = "languageModel" } = options;
  const fail = (problem: string, cause?: unknown) =>
    aiSdkError("HX_AI_SDK_PROVIDER", { provider, problem }, false, cause);
  const module = await load(provider).catch((thrown: unknown) => {
    throw fail(thrown instanceof Error ? thrown.message : String(thrown), thrown);
  });
  const factory = factoryOf(module, options.factory);
  if (typeof factory === "string") throw fail(factory);
  const limit = options.maxResponseBytes ?? MAX_RESPONSE_BYTES;
  const fetch = boundedFetch(limit, () =>
    aiSdkError("HX_AI_SDK_TOO_LARGE", { model, limit }, false),
  );
  const made = factory({ ...structuredClone(settings), fetch });
  const make = (made as Readonly<Record<string, unknown>>)[method];
  if (typeof make !== "function") throw fail(`its provider has no method ${method}`);
  return (make as Method).call(made, model);
}

/** Beside this adapter, or where the process was started. */
async function load(name: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(/* @vite-ignore */ name)) as Readonly<Record<string, unknown>>;
  } catch (thrown) {
    const require = createRequire(join(process.cwd(), "package.json"));
    let file: string;
    try {
      file = require.resolve(name);
    } catch {
      throw thrown;
    }
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as never;
  }
}

type Factory = (settings: object) => object;

/** The factory, or why there is none. */
function factoryOf(
  module: Readonly<Record<string, unknown>>,
  wanted: string | undefined,
): Factory | string {
  const names = Object.keys(module).filter(
    (name) => /^create[A-Z]/.test(name) && typeof module[name] === "function",
  );
  const name = wanted ?? (names.length === 1 ? names[0] : undefined);
  if (name !== undefined && typeof module[name] === "function") return module[name] as Factory;
  const offered = names.length > 0 ? names.join(", ") : "none";
  return name === undefined
    ? `it has no single factory (factories: ${offered})`
    : `it has no factory ${name} (factories: ${offered})`;
}

/** Values in the settings that look like secrets by their names; headers are all taken for some. */
export function secretsIn(settings: JsonObject = {}, all = false): string[] {
  return Object.entries(settings).flatMap(([name, value]: [string, Json | undefined]) => {
    if (typeof value === "string")
      return all || /key|token|secret|password|auth|credential/i.test(name) ? [value] : [];
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? secretsIn(value as JsonObject, all || name === "headers") : [];
  });
}

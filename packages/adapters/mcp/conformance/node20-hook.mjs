// The suite imports `globSync` of `fs`, which Node 20 has not, and uses it only in a command that is
// not called here: without the import it runs.
import { register } from "node:module";

const source = `
export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (!url.includes("/@modelcontextprotocol/conformance/dist/")) return loaded;
  const text = String(loaded.source).replace(/\\bglobSync as (\\w+),/, "").replace(/^(#!.*)?/, "$1");
  return { ...loaded, source: text };
}`;
register(`data:text/javascript,${encodeURIComponent(source)}`);

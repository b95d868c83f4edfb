import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The plugin contract as a model reads it: its sources, or its declarations when it is installed. */
export function contractText(): string {
  const core = dirname(createRequire(import.meta.url).resolve("@harnessx/core/package.json"));
  const folder = join(core, import.meta.url.endsWith(".ts") ? "src/plugin" : "dist/plugin");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .toSorted()
    .map((name) => `// ${name}\n${readFileSync(join(folder, name), "utf8")}`)
    .join("\n");
}

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../", import.meta.url);
const page = readFileSync(new URL("docs/reference/parity.md", root), "utf8");
const folders = (path: string): string[] => readdirSync(new URL(path, root));
const packages = [...folders("packages/processors"), ...folders("packages/adapters")];

describe("docs/reference/parity.md", () => {
  it.each(packages)("names the package %s", (name) => {
    expect(page).toContain(`\`${name}\``);
  });

  it("names no package that is not there", () => {
    const [processors = ""] = page.split("## The rest");
    const named = processors.split("\n").flatMap((line) => {
      const [, , cell = ""] = line.split("|");
      return [...cell.matchAll(/`([a-z-]+)`/g)].map((match) => match[1]!);
    });
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((name) => !packages.includes(name))).toEqual([]);
  });
});

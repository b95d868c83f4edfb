import { readdirSync, readFileSync } from "node:fs";
import { it } from "vitest";
it("dbg", () => {
  const d = readdirSync("/tmp").filter((x) => x.startsWith("aegis-loop-")).map((x) => "/tmp/" + x).at(-1)!;
  const c = JSON.parse(readFileSync(d + "/.harnessx/evolution/1/digest.json", "utf8"));
  console.log(JSON.stringify(c.mined, null, 1).slice(0, 3000));
});

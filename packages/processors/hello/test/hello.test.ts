import { textOf } from "@harnessx/core/plugin";
import { assertConformant, runProcessor } from "@harnessx/core/testing";
import { expect, it } from "vitest";

/** The folder of this package. */
const dir = new URL("..", import.meta.url);

it("keeps the plugin contract", async () => {
  await assertConformant(dir);
});

it("adds its greeting to the system prompt", async () => {
  // A real run with a scripted model, which says one thing and is done.
  const { result, requests } = await runProcessor(dir, {
    options: { greeting: "Say good morning first." },
    script: [{ text: "Good morning." }],
  });

  expect(result.exit).toBe("done");
  const [system] = requests[0]!.messages;
  expect(system?.role).toBe("system");
  expect(textOf(system!)).toBe("Say good morning first.");
});

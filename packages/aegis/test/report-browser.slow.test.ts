/**
 * The report in a real browser, as a person opens it: from a file, on a phone and on a desk. Needs
 * Chromium (HARNESSX_CHROMIUM, or where distributions put it).
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readEvolution, renderReport } from "../src/index.ts";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeWorld } from "./support/evolution-world.ts";

const executable = [
  process.env["HARNESSX_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== undefined && existsSync(path));

const why = executable ? "" : " (skipped: no Chromium; set HARNESSX_CHROMIUM)";

const screens = [
  { name: "phone", viewport: { width: 390, height: 844 } },
  { name: "desk", viewport: { width: 1280, height: 900 } },
] as const;

describe.skipIf(!executable)(`the report in Chromium${why}`, () => {
  let browser: Browser;
  let dir: string;
  const addressOf = (name: string): string => pathToFileURL(join(dir, name, "report.html")).href;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "report-"));
    for (const [name, hostile] of [
      ["plain", false],
      ["hostile", true],
    ] as const) {
      writeWorld(join(dir, name), { hostile });
      const record = await readEvolution(join(dir, name));
      writeFileSync(join(dir, name, "report.html"), renderReport(record, { workspace: "" }));
    }
    browser = await chromium.launch({ executablePath: executable!, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** A page that takes note of everything that it should not do. */
  async function opened(
    name: string,
    options: Parameters<Browser["newPage"]>[0],
  ): Promise<{ readonly page: Page; readonly misdeeds: string[] }> {
    const page = await browser.newPage(options);
    const misdeeds: string[] = [];
    page.on("console", (message) => misdeeds.push(message.text()));
    page.on("pageerror", (error) => misdeeds.push(error.message));
    page.on("dialog", (dialog) => {
      misdeeds.push(dialog.message());
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (request.url() !== addressOf(name)) misdeeds.push(request.url());
    });
    await page.goto(addressOf(name));
    return { page, misdeeds };
  }

  const overflow = (page: Page): Promise<number> =>
    page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

  for (const { name, viewport } of screens) {
    test(`a person finds what changed, why, on what evidence and at what cost on a ${name}`, async () => {
      const { page, misdeeds } = await opened("plain", { viewport });
      const first = await page.locator("header").innerText();
      expect(first).toContain("38.8 points more of the sealed tasks (simulated)");
      for (const text of [
        "place memory",
        "+25.0",
        "+51.0",
        "±8.0",
        "Yes",
        "verdict-1",
        "rollouts",
        "tokens",
      ])
        expect(first).toContain(text);
      const facts = await page.locator(".facts").boundingBox();
      expect(facts!.y + facts!.height).toBeLessThan(viewport.height);

      await page.locator("header").getByText("place memory").click();
      const change = page
        .locator("section", { has: page.getByRole("heading", { name: "place memory" }) })
        .last();
      expect(await change.innerText()).toContain("the agent is told what each place held");
      expect(await change.innerText()).toContain("You open the box 3. In it, you see nothing.");
      const trace = change.locator("a.trace").first();
      expect(existsSync(new URL((await trace.getAttribute("href"))!, addressOf("plain")))).toBe(
        true,
      );

      const table = page.getByRole("region", { name: "Checks of verdict-1" }).first();
      expect(await table.isVisible()).toBe(false);
      await page.getByText("On what evidence").first().click();
      expect(await table.isVisible()).toBe(true);
      expect(await table.innerText()).toContain("superiority");

      expect(await overflow(page)).toBe(0);
      await page.getByRole("button", { name: "Open all details" }).click();
      expect(await page.locator("details:not([open])").count()).toBe(0);
      expect(await page.getByText('1 < 2 && "a"').first().isVisible()).toBe(true);
      expect(await overflow(page)).toBe(0);
      expect(misdeeds).toEqual([]);
      await page.close();
    });

    test(`hostile texts stay texts on a ${name}`, async () => {
      const { page, misdeeds } = await opened("hostile", { viewport });
      await page.getByRole("button", { name: "Open all details" }).click();
      expect(await page.title()).toBe(
        "The harness passes 38.8 points more of the sealed tasks (simulated)",
      );
      expect(
        await page.locator("script, img, iframe, link, object, embed, base, form").count(),
      ).toBe(1);
      expect(await page.locator("svg [onload], [onclick], [onerror], [style]").count()).toBe(0);
      expect(await overflow(page)).toBe(0);
      expect(misdeeds).toEqual([]);
      await page.close();
    });
  }

  test("everything is there without scripts, and on paper", async () => {
    const { page } = await opened("plain", {
      viewport: screens[0].viewport,
      javaScriptEnabled: false,
    });
    expect(await page.getByRole("button", { name: "Open all details" }).count()).toBe(0);
    await page.getByText("On what evidence").first().click();
    expect(
      await page.getByRole("region", { name: "Checks of verdict-1" }).first().isVisible(),
    ).toBe(true);
    const paper = await page.pdf({ format: "A4" });
    expect(paper.length).toBeGreaterThan(10_000);
    await page.close();
  });

  for (const colorScheme of ["light", "dark"] as const)
    test(`texts have a contrast of 4.5 in a ${colorScheme} scheme`, async () => {
      const { page } = await opened("plain", { viewport: screens[1].viewport, colorScheme });
      await page.getByRole("button", { name: "Open all details" }).click();
      const worst = await page.evaluate<readonly { text: string; ratio: number }[]>(lowContrast);
      expect(worst).toEqual([]);
      const ground = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      expect(ground).toBe(colorScheme === "dark" ? "rgb(17, 21, 27)" : "rgb(246, 247, 249)");
      await page.close();
    });
});

/** Runs in the page: texts whose colour is too near to that of their ground. */
const lowContrast = `(() => {
  const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
    if (!own || element.tagName === "SCRIPT") continue;
    const style = getComputedStyle(element);
    const svg = element instanceof SVGElement;
    if (svg && !["text", "tspan"].includes(element.tagName)) continue;
    const [a, b] = [light(parse(svg ? style.fill : style.color)), light(groundOf(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push({ text: element.textContent.trim().slice(0, 40), ratio });
  }
  return found;
})()`;

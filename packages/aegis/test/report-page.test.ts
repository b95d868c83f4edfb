import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, fc } from "@fast-check/vitest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEvolution, renderReport } from "../src/index.ts";
import { cut, escapeText, html } from "../src/report/page/html.ts";
import { writeWorld, type WorldOptions } from "./support/evolution-world.ts";

let folder: string;
let pages: { readonly plain: string; readonly hostile: string; readonly cutOff: string };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "aegis-page-"));
  const make = async (name: string, options: WorldOptions): Promise<string> => {
    writeWorld(join(folder, name), options);
    return renderReport(await readEvolution(join(folder, name)), { workspace: "." });
  };
  pages = {
    plain: await make("plain", {}),
    hostile: await make("hostile", { hostile: true }),
    cutOff: await make("cut off", { until: "second certification" }),
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("escapeText", () => {
  test.prop([fc.string({ unit: "binary" })])("leaves no mark-up and nothing invisible", (text) => {
    const escaped = escapeText(text);
    expect(escaped).not.toMatch(/[<>"'`]/);
    expect(escaped).not.toMatch(
      // oxlint-disable-next-line no-control-regex
      /[\u0000-\u0008\u000b-\u001f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/,
    );
    expect(escaped.replaceAll(/&(amp|lt|gt|quot|#39|#96);/g, "")).not.toContain("&");
    expect(escaped).not.toMatch(/\p{Surrogate}/u);
  });

  test.prop([fc.string({ unit: "grapheme-ascii" })])("keeps what is plain", (text) => {
    const read = escapeText(text)
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&#39;", "'")
      .replaceAll("&#96;", "`")
      .replaceAll("&amp;", "&");
    expect(read).toBe(text);
  });

  it("shows direction marks by their number", () => {
    expect(escapeText("a\u202eb\ud800")).toBe("a⟦U+202E⟧b⟦U+D800⟧");
  });
});

it("a template escapes what is put in, also in lists, and not what is HTML already", () => {
  const bold = html`<b>${"<"}</b>`;
  expect(html`<p title="${'"'}">${[bold, "&", false, undefined, 7]}</p>`.source).toBe(
    '<p title="&quot;"><b>&lt;</b>&amp;7</p>',
  );
});

it("a cut never leaves half a character", () => {
  expect(cut("ab😀cd", 3)).toBe("ab… (4 more characters)");
  expect(cut("abc", 3)).toBe("abc");
});

describe("renderReport", () => {
  it("allows its own style and script by their hashes and nothing else", () => {
    const page = pages.plain;
    const [, policy = ""] =
      /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    expect(policy).toMatch(/^default-src 'none';/);
    for (const name of ["style", "script"]) {
      const [, content = "", more] =
        new RegExp(`<${name}>(.*)</${name}>(?!.*</${name}>)`, "s").exec(page) ?? [];
      expect(more).toBeUndefined();
      const hash = createHash("sha256").update(content).digest("base64");
      expect(policy).toContain(`${name}-src 'sha256-${hash}'`);
    }
    expect(page).not.toMatch(/\s(style|on[a-z]+)="/);
    expect(page).not.toMatch(/(src|href)="(?!#|\.\/\.harnessx\/evolution\/)/);
  });

  it("keeps hostile texts as texts, and is not made large by them", () => {
    const page = pages.hostile;
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page.match(/<style/g)).toHaveLength(1);
    expect(page).not.toMatch(/<(img|svg onload|b onclick)/);
    expect(page).not.toContain("\u202e");
    expect(page).toContain("⟦U+202E⟧");
    expect(page).toContain("&lt;script&gt;document.title=");
    expect(page).toContain("The rest is in the candidate");
    expect(page.length).toBeLessThan(1_500_000);
  });

  it("gives every anchor once and no link into nothing", () => {
    const page = pages.plain;
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!);
    expect(ids).toHaveLength(new Set(ids).size);
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!);
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
  });

  it("says whose numbers they are, and that a run is unfinished", () => {
    const page = pages.cutOff;
    expect(page).toContain("rule: simulated, no model at all");
    expect(page).toContain("unfinished: the run is going on or was cut off");
    expect(page).toContain("(simulated)");
  });
});

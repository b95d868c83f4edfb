import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseManifest } from "@harnessx/core";
import { expect, test } from "vitest";
import { hx, scratch } from "./run-hx.ts";

const read = async (dir: string, name: string) =>
  JSON.parse(await readFile(join(dir, name), "utf8"));

test("asks, writes both files and says what is in them", async () => {
  const dir = await scratch();
  const { exit, stdout, stderr } = await hx(dir, ["init", "helper", "--no-install"], {
    answers: [
      "2",
      "gpt-x",
      "MY_KEY",
      "y",
      "files are nice",
      'fs=npx -y server-filesystem "my docs"',
      "docs=https://example.org/mcp",
      "",
    ],
  });
  expect(exit).toBe(0);
  const manifest = await read(join(dir, "helper"), "harness.json");
  expect(parseManifest(manifest).tools).toEqual([
    { id: "files", use: "@harnessx/tools-workspace" },
    { id: "fs", mcp: { command: "npx", args: ["-y", "server-filesystem", "my docs"] } },
    { id: "docs", mcp: { url: "https://example.org/mcp" } },
  ]);
  expect(manifest.name).toBe("helper");
  expect(await read(join(dir, "helper"), "models.json")).toEqual({
    roles: {
      main: {
        use: "@harnessx/adapter-openai",
        options: { model: "gpt-x", apiKey: { env: "MY_KEY" } },
        retry: { times: 3 },
      },
    },
  });
  expect(stderr).toContain("files are nice names no MCP server.");
  for (const { id } of manifest.processors) expect(stdout).toMatch(new RegExp(`^ +${id} `, "m"));
  expect(stdout).toContain("export MY_KEY=…");
  expect(stdout).toMatch(/npm install harnessx @harnessx\/adapter-openai/);
});

test("takes options and suggestions where nobody can be asked", async () => {
  const dir = await scratch();
  const argv = ["init", "--provider", "anthropic", "--mcp", "fs=server .", "--json"];
  const outcome = await hx(dir, argv, { env: { ANTHROPIC_API_KEY: "k" } });
  expect(outcome.exit).toBe(0);
  expect(outcome.json()).toMatchObject({
    files: [join(dir, "harness.json"), join(dir, "models.json")],
    packages: expect.arrayContaining(["@harnessx/adapter-anthropic"]),
    installed: false,
  });
  const { roles } = await read(dir, "models.json");
  expect(roles.main.options.apiKey).toEqual({ env: "ANTHROPIC_API_KEY" });
  expect((await read(dir, "harness.json")).tools).toHaveLength(1);
});

test("overwrites nothing unasked, and says which option is missing", async () => {
  const dir = await scratch();
  await writeFile(join(dir, "models.json"), "{}");
  const argv = ["init", "--provider", "compatible", "--model", "m", "--json"];
  const taken = await hx(dir, argv);
  expect([taken.exit, taken.json().code]).toEqual([3, "HX_CLI_FILE_EXISTS"]);
  expect(await read(dir, "models.json")).toEqual({});
  expect((await hx(dir, [...argv, "--force"])).exit).toBe(0);

  const empty = join(dir, "empty");
  await mkdir(empty);
  const missing = await hx(empty, ["init", "--provider", "compatible", "--json"]);
  expect([missing.exit, missing.json().message]).toEqual([2, "--model is missing."]);
  const nobody = await hx(empty, ["init", "--json"]);
  expect([nobody.exit, nobody.json().hint]).toEqual([
    2,
    "One of: anthropic, openai, compatible, llama-cpp.",
  ]);
  const odd = await hx(empty, [...argv, "--base-url", "no where"]);
  expect([odd.exit, odd.json().message]).toEqual([2, "no where is no address."]);
});

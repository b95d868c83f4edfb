import { textOf, tool, type ToolResult } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { createAgent, loadHarness, scriptedModel } from "@harnessx/core";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const dir = new URL("..", import.meta.url);
type Options = RunProcessorInput["options"];

// Put together here, so that no scanner takes the planted secrets of this file for real ones.
const letters = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3hJ5kL7n";
const take = (count: number): string => letters.repeat(8).slice(0, count);
const pem = (kind: string, body: string): string =>
  [`-----BEGIN ${kind}-----`, body, `-----END ${kind}-----`].join("\n");
const jwt = [`ey${"J"}hbGciOiJI`, `ey${"J"}zdWIiOiIx`, take(20)].join(".");
const planted = {
  "private-key": pem("RSA PRIVATE KEY", `${take(64)}\n${take(64)}\n${take(9)}==`),
  aws: `AKI${"A"}QWERTYUIOPASDFGH`,
  github: `gh${"p"}_${take(36)}`,
  gitlab: `gl${"pat"}-${take(20)}`,
  openai: `s${"k"}-proj-${take(48)}`,
  google: `AI${"za"}${take(35)}`,
  slack: `xo${"xb"}-123456789012-${take(12)}`,
  stripe: `sk_${"live"}_${take(24)}`,
  registry: `np${"m"}_${take(36)}`,
  jwt,
};

/** What the model gets to see of results, and what the tool was called with. */
async function play(options: Options, results: readonly (string | ToolResult)[], task?: string) {
  const inputs: unknown[] = [];
  const read = tool({
    name: "read",
    description: "Reads.",
    inputSchema: { type: "object" },
    execute: (input: { at: number }) => results[input.at]!,
  });
  const deploy = tool({
    name: "deploy",
    description: "Deploys.",
    inputSchema: { type: "object" },
    execute: (input) => {
      inputs.push(input);
      return `deployed with ${JSON.stringify(input)}`;
    },
  });
  const { requests, events } = await runProcessor(dir, {
    options,
    tools: [read, deploy],
    ...(task === undefined ? {} : { task }),
    script: [
      ...results.map((_result, at) => ({ calls: [{ name: "read", input: { at } }] })),
      {
        calls: [
          { name: "deploy", input: { key: "[secret 1]", list: ["a [secret 1]", "[secret 9]"] } },
        ],
      },
      { text: "Done." },
    ],
  });
  const messages = [...requests.at(-1)!.messages];
  const shown = messages.filter(({ role }) => role === "tool");
  return { seen: shown.map(textOf), shown, messages, inputs, events };
}
const seenOf = async (text: string, options: Options = {}): Promise<string> =>
  (await play(options, [text])).seen[0]!;

it.each([
  undefined,
  {
    except: ["jwt"],
    patterns: [{ pattern: "go to (\\w+)", ignoreCase: true }],
    restoreFor: ["*"],
    maxSecrets: 1,
  },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("a planted secret", () => {
  it.each(Object.entries(planted))("of the kind %s is replaced", async (kind, secret) => {
    const text = `before "${secret}", after`;
    expect(await seenOf(text)).toBe('before "[secret 1]", after');
    // Only this kind finds it.
    expect(await seenOf(text, { except: [kind] })).toBe(text);
  });

  it.each([
    [`aws_secret_access_key = ${take(40)}`, "aws_secret_access_key = [secret 1]"],
    [`{"SecretAccessKey": "${take(40)}"}`, '{"SecretAccessKey": "[secret 1]"}'],
    ["postgres://app:pa55-word@db:5432/x", "postgres://app:[secret 1]@db:5432/x"],
    ["redis://:hunter2!@cache", "redis://:[secret 1]@cache"],
    ["curl -H 'Authorization: Basic dXNlcjpwYXNz'", "curl -H 'Authorization: Basic [secret 1]'"],
    [`{"authorization": "Bearer ${take(22)}"}`, '{"authorization": "Bearer [secret 1]"}'],
    [`> Bearer ${take(30)}`, "> Bearer [secret 1]"],
    ["x-api-key: 7f3a9c2e", "x-api-key: [secret 1]"],
    [`s${"k"}-ant-api03-${take(40)}-${take(20)}`, "[secret 1]"],
    [`github_${"pat"}_${take(22)}_${take(59)}`, "[secret 1]"],
    [pem("OPENSSH PRIVATE KEY", take(70)), "[secret 1]"],
    [pem("PGP PRIVATE KEY BLOCK", `Version: 1-2\n\n${take(64)}`), "[secret 1]"],
    [`-----BEGIN EC PRIVATE KEY-----\n${take(64)}\n${take(40)}`, "[secret 1]"],
    [`"-----BEGIN PRIVATE KEY-----\\n${take(64)}\\n${take(8)}`, '"[secret 1]'],
  ])("is replaced in %s", async (text, expected) => {
    expect(await seenOf(text)).toBe(expected);
  });

  it("has one placeholder, and another secret another one", async () => {
    const { github, stripe } = planted;
    const { seen } = await play({}, [`${github} ${stripe} ${github}`, `again: ${stripe}`]);
    expect(seen.slice(0, 2)).toEqual(["[secret 1] [secret 2] [secret 1]", "again: [secret 2]"]);
  });

  it("that was announced once is known without the announcement", async () => {
    const { seen } = await play({}, [
      "Authorization: Token 8f-42-tango",
      "found 8f-42-tango in config",
    ]);
    expect(seen[1]).toBe("found [secret 1] in config");
  });

  it("that may be a word is only known where it is announced", async () => {
    const { seen } = await play({}, ["ftp://me:password@host", "the password is short"]);
    expect(seen.slice(0, 2)).toEqual(["ftp://me:[secret 1]@host", "the password is short"]);
  });

  it("within another one leaves nothing of it behind", async () => {
    expect(await seenOf(`https://x:${planted.github}@github.com`)).toBe(
      "https://x:[secret 1]@github.com",
    );
    expect(await seenOf(`Authorization: Bearer ${jwt}`)).toBe("Authorization: Bearer [secret 1]");
  });

  it("is replaced in parts of a result, and images pass", async () => {
    const image = { type: "image" as const, mediaType: "image/png", data: take(120) };
    const { shown } = await play({}, [
      { status: "error", content: [{ type: "text", text: planted.aws }, image] },
    ]);
    expect(shown[0]!.content).toEqual([{ type: "text", text: "[secret 1]" }, image]);
  });

  it("stays in the record, which has its own redaction", async () => {
    const { events } = await play({}, [planted.aws]);
    expect(events.find((event) => event.type === "tool.result")).toMatchObject({
      content: planted.aws,
    });
  });
});

describe("what only looks like a secret", () => {
  it.each([
    "commit 3b18e512dba79e4c8300dd08aeb37f8e728b8dad",
    "id 123e4567-e89b-12d3-a456-426614174000",
    `![x](data:image/png;base64,${take(200)})`,
    `integrity sha512-${take(86)}==`,
    "from sklearn import sk-estimator-configuration-options",
    "npm_config_registry and npm_package_version",
    "AKIA, ASIA and AIza are prefixes; ghp_short; xoxb-token-goes-here",
    "Authorization: Bearer <token>, Authorization: Bearer $TOKEN, Authorization: Bearer your-token-here",
    "x-api-key: YOUR_API_KEY",
    "bearer of good news and of everything else",
    "https://example.org:8080/@scope/name and https://me@example.org/a:b@c",
    "postgres://user:${PASSWORD}@db and postgres://user:<password>@db",
    "secret_key = make_secret_key_from_the_environment_ab",
    pem("PUBLIC KEY", take(64)),
    pem("CERTIFICATE", take(64)),
    `ssh-ed25519 ${take(68)} me@host`,
    "eyJ.eyJ.x and eyJhbGciOiJIUzI1NiJ9 alone",
    "[secret] and secret 1",
  ])("passes: %s", async (text) => {
    expect(await seenOf(text)).toBe(text);
  });

  it("can be named", async () => {
    expect(await seenOf(planted.aws, { ignore: [planted.aws] })).toBe(planted.aws);
  });
});

describe("options", () => {
  it("add patterns, by group or as a whole", async () => {
    const patterns = [{ pattern: "pin (\\d{4})" }, { pattern: "TOP[A-Z]+", ignoreCase: true }];
    expect(await seenOf("pin 1234, topsecret", { patterns })).toBe("pin [secret 1], [secret 2]");
  });

  it("bound what is remembered", async () => {
    const text = `${planted.aws} ${planted.github} ${planted.aws}`;
    expect(await seenOf(text, { maxSecrets: 1 })).toBe("[secret 1] [secret] [secret 1]");
  });

  it("with a pattern that is no regular expression stop the run at once", async () => {
    const { result } = await runProcessor(dir, {
      options: { patterns: [{ pattern: "(" }] },
      script: [{ text: "Done." }],
    });
    expect(result.error?.code).toBe("HX_PROCESSOR_SETUP_FAILED");
  });
});

describe("what the user says", () => {
  const said = async (options: Options, task: RunProcessorInput["task"]) => {
    const { requests } = await runProcessor(dir, {
      options,
      task: task!,
      script: [{ text: "Done." }],
    });
    return [...requests[0]!.messages].map((message) => `${message.role}: ${textOf(message)}`);
  };

  it("is redacted, in this task and in an earlier conversation", async () => {
    const task = {
      text: `Use ${planted.stripe}.`,
      history: [
        { role: "user" as const, text: `I have ${planted.github}.` },
        { role: "assistant" as const, text: "Noted." },
      ],
    };
    expect(await said({}, task)).toEqual([
      "user: I have [secret 1].",
      "assistant: Noted.",
      "user: Use [secret 2].",
    ]);
    expect((await said({ user: false }, task))[2]).toContain(planted.stripe);
  });

  it("is redacted beside an image", async () => {
    const images = [{ mediaType: "image/png", data: "iVBORw0KGgo=" }];
    const { requests } = await runProcessor(dir, {
      task: { text: `See ${planted.aws}.`, images },
      script: [{ text: "Done." }],
    });
    const [message] = requests[0]!.messages;
    expect(textOf(message!)).toBe("See [secret 1].");
    expect(message!.content.some(({ type }) => type === "image")).toBe(true);
  });

  it("is left as it was when there is nothing in it", async () => {
    const { events } = await runProcessor(dir, { script: [{ text: "Done." }] });
    expect(events.some((event) => event.type === "history")).toBe(false);
  });
});

describe("restoring", () => {
  it("gives named tools the secret, at any depth, and hides it again in the result", async () => {
    const { inputs, seen } = await play({ restoreFor: ["dep*"] }, [planted.github]);
    expect(inputs).toEqual([{ key: planted.github, list: [`a ${planted.github}`, "[secret 9]"] }]);
    expect(seen.at(-1)).toBe(
      'deployed with {"key":"[secret 1]","list":["a [secret 1]","[secret 9]"]}',
    );
  });

  it("is for nobody else", async () => {
    const { inputs } = await play({}, [planted.github]);
    expect(inputs).toEqual([{ key: "[secret 1]", list: ["a [secret 1]", "[secret 9]"] }]);
  });
});

it("keeps its placeholders in a swap", async () => {
  const root = fileURLToPath(dir);
  const load = (version: string) =>
    loadHarness({ name: "test", version, processors: [{ id: "secrets", use: "./." }] }, { root });
  const [first, second] = [await load("1"), await load("2")];
  let reads = 0;
  const read = tool({
    name: "read",
    description: "Reads.",
    inputSchema: { type: "object" },
    execute: () => [planted.aws, `${planted.github} ${planted.aws}`][reads++]!,
  });
  const seen: string[] = [];
  const model = scriptedModel((request, call) => {
    seen.push(textOf(request.messages.at(-1)!));
    return call < 2 ? { calls: [{ name: "read" }] } : { text: "Done." };
  });
  const agent = createAgent({ harness: first, models: { main: model } });
  await agent.run("Read.", { tools: [read], follow: () => (reads > 0 ? second : first) });
  expect(seen).toEqual(["Read.", "[secret 1]", "[secret 2] [secret 1]"]);
});

it("is linear in hostile text", async () => {
  const hostile = [
    "-----BEGIN PRIVATE KEY-----\n".repeat(2_000),
    `https://${"a:".repeat(20_000)}`,
    "eyJ".repeat(20_000),
    "secret_key = ".repeat(5_000),
    `sk-${"a-".repeat(20_000)}`,
  ].join("\n");
  expect(await seenOf(hostile)).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
});

it("does what its README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    options: Options;
  };
  const { inputs, seen } = await play(options, ["key ACME-0123456789ab"]);
  expect(seen[0]).toBe("key ACME-[secret 1]");
  expect(inputs).toMatchObject([{ key: "0123456789ab" }]);
});

import { textOf, tool } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commandsOf } from "../src/commands.ts";

const dir = new URL("..", import.meta.url);
type Options = RunProcessorInput["options"];
const make = (name: string) =>
  tool({ name, description: name, inputSchema: { type: "object" }, execute: () => "ran" });
const tools = [make("bash"), make("act")];

/** Results of calls that are made one after the other. */
async function results(inputs: readonly object[], options: Options = {}, name = "bash") {
  const { result } = await runProcessor(dir, {
    options,
    tools,
    script: [{ calls: inputs.map((input) => ({ name, input })) }, { text: "Done." }],
  });
  return [...result.messages].flatMap((m) => (m.role === "tool" ? [textOf(m)] : []));
}
const run = async (command: unknown, options?: Options): Promise<string> =>
  (await results([{ command }], options))[0]!;

it.each([
  undefined,
  { tools: ["act"], installers: ["go to shelf"], backgroundArguments: ["text"] },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("an install in the background is refused:", () => {
  it.each([
    "npm install &",
    "npm i&",
    "npm install > /dev/null 2>&1 &",
    "npm install &> log &",
    "npm --prefix app install & npm test",
    "cd app && npm ci &\nnpm test",
    "(cd app && npm ci) &",
    "{ npm ci; npm test; } &",
    "npm ci | tee log &",
    "for p in a b; do pip install $p; done &",
    "if true; then yarn; fi & echo started",
    "while ! pip3.12 install x; do sleep 1; done &",
    "nohup pip install x",
    "nohup sudo -E apt-get -y install jq > log",
    "setsid python3 -u -m pip install -r requirements.txt",
    "sudo -u root npm ci &",
    "env A=1 NODE_ENV=x npm ci &",
    "CI=1 timeout 60 npm ci &",
    "/usr/bin/npm install &",
    "npm.cmd install &",
    "bash -c 'npm install &'",
    'bash -lc "cd app; npm install" &',
    "sh -c \"bash -c 'npm i &'\"",
    'eval "npm i &"',
    'tmux new-session -d "pip install x"',
    "screen -dmS deps npm install",
    "start /b npm install",
    "echo $(npm install &)",
    "echo `pip install x &`",
    "diff <(npm ci &) a",
    "npm i & wait_for_it",
    "wait; npm i &",
    "(npm i & wait) &",
    "xargs -n 1 pip install < list &",
    "pacman -Syu x &",
    "yarn &",
    "cat <<EOF\nnpm i\nEOF\nnpm i &",
    "npm \\\n install &",
    "n'p'm \"install\" &",
    "npm install # and go on\n:\nnpm ci & :",
  ])("%s", async (command) => {
    expect(await run(command)).toMatch(/^Refused: .+ would run in the background/);
  });

  it("when the tool itself does not wait", async () => {
    const answers = await results([
      { command: "npm install", run_in_background: true },
      { command: "npm install", run_in_background: false },
      { command: "npm run dev", run_in_background: true },
    ]);
    expect(answers.map((text) => text === "ran")).toEqual([false, true, true]);
  });

  it("when it is given as a list", async () => {
    expect(await run(["bash", "-c", "npm i &"])).toContain("npm i would");
    expect(await run(["nohup", "npm", "install"])).toContain("npm install would");
    expect(await run(["cd app", "npm install &"])).toContain("npm install would");
    expect(await run(["npm", "install", "&"])).toBe("ran");
    expect(await run([])).toBe("ran");
  });
});

describe("everything else passes:", () => {
  it.each([
    "npm install",
    "npm install && npm test",
    "npm install; npm run dev &",
    "npm run dev & npm install",
    "npm run install &",
    "npm test &",
    "npm install 2>&1 | tee log",
    "npm install &> log",
    "npm install >& log",
    "npm install <&0",
    "npm ci --prefix a & npm ci --prefix b & wait",
    "npm ci &\npid=$!\nwait $pid && npm test",
    'echo "npm install &"',
    "echo 'nohup pip install x &'",
    'git commit -m "npm i & more" &',
    "echo npm install &",
    "npm install a\\&b",
    "npm install 'a&b' \"c&d\"",
    "npm install # later: npm i &",
    "cat <<'EOF' > README\nnpm install &\nEOF",
    "cat <<-EOF\n\tnpm install &\n\tEOF\necho done",
    "curl 'http://x/?a=1&b=npm install' &",
    "curl http://x/?a=1\\&npm",
    "bash -c 'npm install'",
    "bash install.sh &",
    "nohup node server.js &",
    "tmux attach; npm install",
    "tmux ls",
    "pip list & pip freeze &",
    "yarn build &",
    "((a = 1 & 2)); npm ci",
    "echo $((1 & 2)); npm ci",
    "man npm-install &",
    "grep -r 'npm install' . &",
    "",
    "&",
    ")",
    "'",
    "$(",
  ])("%s", async (command) => {
    expect(await run(command)).toBe("ran");
  });

  it("other tools, other arguments and values that are no command", async () => {
    expect(await results([{ command: "npm i &" }], {}, "act")).toEqual(["ran"]);
    expect(await results([{ text: "npm i &" }, { command: 7 }, { command: null }])).toEqual([
      "ran",
      "ran",
      "ran",
    ]);
  });
});

describe("the parser", () => {
  it("tells programs, arguments and redirections apart", () => {
    expect(commandsOf("a 'b c' \"d $(e f) g\" 2>x >>y | h & i $HOME ${j}")).toEqual([
      { words: ["e", "f"], background: true },
      { words: ["a", "b c", "d  g"], background: true },
      { words: ["h"], background: true },
      { words: ["i", "$HOME", "${j}"], background: false },
    ]);
  });

  it("ends in any text", () => {
    const nested = "(".repeat(2_000) + "$(".repeat(2_000) + "`".repeat(999);
    for (const text of [
      nested,
      '"$('.repeat(500),
      "<<a ".repeat(500),
      "if ".repeat(500),
      "{ ".repeat(500),
    ])
      expect(Array.isArray(commandsOf(text))).toBe(true);
  });
});

it("says what it refused", async () => {
  const options = { message: "No: {install}." };
  expect(await run("cd a; sudo npm install $& x &", options)).toBe("No: npm install $.");
  expect(await run("make deps &", { ...options, installers: ["make deps"] })).toBe(
    "No: make deps.",
  );
});

it("does what its README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    options: Options;
  };
  expect(await run("make -C app deps &", options)).toContain("Refused");
  expect(await run("npm install &", options)).toBe("ran");
  // The table: what it says in its two columns.
  for (const row of readme.split("\n").slice(0, 25)) {
    const [, refused = "", passes = ""] = row.replaceAll("\\|", "¦").split("|");
    for (const [cell, ends] of [
      [refused, "Refused"],
      [passes, "ran"],
    ] as const) {
      for (const [, command] of cell.matchAll(/`([^`]+ [^`]+)`/g))
        expect(await run(command!.replace("¦", "|"))).toMatch(new RegExp(`^${ends}`));
    }
  }
});

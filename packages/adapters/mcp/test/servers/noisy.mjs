// Writes things to stdout that are no messages: a banner, or without end (`flood`), or without line ends (`line`).
import { serve, text, tool } from "./raw.mjs";

const [kind] = process.argv.slice(2);
process.stdout.write('Welcome to noisy!\n{not json}\n[1,2]\n\n"text"\n');
if (kind === "flood" || kind === "line") {
  const junk = "x".repeat(65_535) + (kind === "line" ? "x" : "\n");
  const more = () => {
    while (process.stdout.write(junk));
    process.stdout.once("drain", more);
  };
  process.stdin.resume();
  more();
} else {
  serve({
    name: "noisy",
    tools: () => ({ tools: [tool("echo")] }),
    call: (_name, { message }) => {
      process.stdout.write("debug: called\n");
      return text(message);
    },
  });
}

import type { JsonObject } from "@harnessx/core";
import type ts from "typescript";
import { loadCompiler } from "./compiler.ts";
import type { Files } from "./files.ts";
import { judged, type Outcome } from "./outcome.ts";
import type { Subject } from "./subject.ts";
import type { Notes } from "./watch.ts";

/** Declared is what was used, in both directions: a grant that nothing needs is one too many. */
export async function judgeCapabilities(
  { inspected, isolated, options }: Subject,
  notes: readonly Notes[],
  files: Files,
): Promise<Outcome> {
  const { model = [], spawn = false, net = [] } = inspected.metadata.capabilities ?? {};
  const findings: string[] = [];
  const roles = new Set(notes.flatMap((one) => [...one.roles]));
  for (const role of model)
    if (!roles.has(role)) findings.push(`it declares the model role ${role} and never used it`);
  for (const role of roles)
    if (!model.includes(role)) findings.push(`it used the model role ${role} without declaring it`);
  const spawned = notes.some((one) => one.spawned);
  if (spawn && !spawned) findings.push("it declares spawn and never used it");
  if (!spawn && spawned) findings.push("it spawned without declaring it");
  if (inspected.metadata.kind === "tools") {
    // Tools are not called here, as nobody knows what they would do: code and options say where they go.
    const places = await placesIn(files, options);
    for (const host of net)
      if (!places.some((url) => url.host === host || url.hostname === host))
        findings.push(`it declares the host ${host} and names it nowhere`);
    for (const { host, hostname } of places)
      if (!net.includes(host) && !net.includes(hostname))
        findings.push(`it names the host ${host} without declaring it`);
  }
  const asked = Object.values(isolated.usage()).reduce((sum, count) => sum + count, 0);
  return judged(findings, { declared: model.length + net.length + Number(spawn), requests: asked });
}

/** Addresses in the code and in the options. */
async function placesIn(files: Files, options: JsonObject): Promise<URL[]> {
  const compiler = await loadCompiler();
  const texts = [JSON.stringify(options)];
  for (const [path, text] of Object.entries(files)) {
    if (!path.startsWith("src/")) continue;
    const visit = (node: ts.Node): void => {
      if (compiler.isStringLiteralLike(node) || compiler.isTemplateLiteralToken(node))
        texts.push(node.text);
      compiler.forEachChild(node, visit);
    };
    visit(compiler.createSourceFile(path, text, compiler.ScriptTarget.ES2023));
  }
  return texts.flatMap((text) =>
    [...text.matchAll(/\bhttps?:\/\/[^\s"'`\\]+/g)].flatMap(([address]) =>
      URL.canParse(address) ? [new URL(address)] : [],
    ),
  );
}

// Type-checks the built declarations of every package as a consumer with another TypeScript version:
// node scripts/consumer-types.mjs <version>. Needs `npm run build`.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run, workspacePackages } from "./workspaces.mjs";

const version = process.argv[2] ?? "6.0";
const target = mkdtempSync(join(tmpdir(), "harnessx-types-"));
try {
  const entries = workspacePackages().flatMap(({ manifest }) =>
    Object.keys(manifest.exports)
      .filter((key) => key !== "./package.json")
      .map((key) => manifest.name + key.slice(1)),
  );
  writeFileSync(
    join(target, "main.ts"),
    entries.map((entry, i) => `export * as entry${i} from "${entry}";\n`).join(""),
  );
  writeFileSync(
    join(target, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "es2023",
        module: "nodenext",
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        types: ["node"],
      },
      files: ["main.ts"],
    }),
  );
  writeFileSync(join(target, "package.json"), JSON.stringify({ private: true, type: "module" }));
  run("npm", ["install", "--no-audit", "--no-fund", `typescript@${version}`, "@types/node@20"], {
    cwd: target,
  });
  for (const { dir, manifest } of workspacePackages()) {
    const link = join(target, "node_modules", manifest.name);
    mkdirSync(join(link, ".."), { recursive: true });
    symlinkSync(join(root, dir), link, "junction");
  }
  run("npx", ["--no-install", "tsc", "-p", "."], { cwd: target });
  console.log(`${entries.length} entry points type-check with TypeScript ${version}`);
} finally {
  rmSync(target, { recursive: true, force: true });
}

// Builds and publishes every package whose version is not on the registry yet. In GitHub Actions the
// packages name the repository they are published from: npm provenance compares it with the runner's.
import { run } from "./workspaces.mjs";

const repository = process.env.GITHUB_REPOSITORY;
if (repository) {
  const url = `git+https://github.com/${repository}.git`;
  run("npm", ["pkg", "set", `repository.url=${url}`, "repository.type=git", "--workspaces"]);
}
run("npm", ["run", "build"]);
run("npx", ["--no-install", "changeset", "publish"]);

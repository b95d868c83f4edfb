import { defineProcessor, replace, retry, textOf, workspaceSlot } from "@harnessx/core/plugin";
import { listSkills, readSkill, type Listing, type Skill } from "./library.ts";
import type { SkillLoaderOptions } from "./options.ts";
import { mostRelevant } from "./relevance.ts";
import { listing, shownSkill, type LoadedSkill } from "./render.ts";
import { askedFor, calledIn } from "./requests.ts";

export type { SkillLoaderOptions } from "./options.ts";

/** What is known of the skills; plain JSON, because a swap hands it over. */
type Skills = {
  /** null before the folders were read. */
  known: Skill[] | null;
  /** The list stands in the system prompt. */
  isInSystem: boolean;
  loaded: LoadedSkill[];
  /** Names that were asked for in vain. */
  unknown: string[];
};

type Reading = { path: string; body?: string; problem?: string };

/** Lists skills in the system prompt and shows the text of those that the model asks for. */
export default defineProcessor<SkillLoaderOptions>((run, options) => {
  const nothing: Skills = { known: null, isInSystem: false, loaded: [], unknown: [] };
  const skills = run.cell("skills", nothing).value;
  const { maxBytes } = options;
  /** Said in the next request alone. */
  let note: string | undefined;

  run.hooks.taskStart.tap("list", async (event) => {
    const list = await begin();
    if (list === undefined) return undefined;
    skills.isInSystem = true;
    return replace(event.appendSystem(list));
  });

  // In the request rather than the history: a compaction cannot take it away, and it stands there once.
  run.hooks.beforeModel.tap("show", async (event) => {
    // Inserted into a task in progress, the list has no place in the system prompt any more.
    if (skills.known === null) await begin();
    const list = skills.isInSystem ? undefined : listOf(skills.known ?? []);
    const parts = [list, ...skills.loaded.map(shownSkill), note].filter(
      (part) => part !== undefined,
    );
    note = undefined;
    return parts.length === 0 ? undefined : replace(event.appendUser(parts.join("\n\n")));
  });

  run.hooks.afterModel.tap("load", async (event) => {
    const { content, toolCalls } = event.response;
    const asked = askedFor(textOf(content), toolCalls);
    if (asked.names.length === 0 && asked.folders.length === 0) return undefined;
    const known = skills.known ?? [];
    const found = known.filter(
      ({ name, folder }) => asked.names.includes(name) || asked.folders.includes(folder),
    );
    const news: string[] = [];
    for (const skill of found) {
      if (skills.loaded.some(({ name }) => name === skill.name)) continue;
      const problem = await load(skill);
      news.push(problem ?? `The skill ${skill.name} is loaded; its text stands above.`);
    }
    for (const name of asked.names) {
      if (known.some((skill) => skill.name === name) || skills.unknown.includes(name)) continue;
      skills.unknown.push(name);
      news.push(`There is no skill ${name}.`);
    }
    if (news.length === 0) return undefined;
    note = news.join("\n");
    // With calls the task goes on anyway; without them this would be the answer.
    if (toolCalls.length > 0 || event.attempt > options.maxModelRetries) return undefined;
    return retry("Go on with the task.");
  });

  /** Reads the folders, loads what is to be loaded from the start, and returns the list. */
  async function begin(): Promise<string | undefined> {
    const { skills: known, problems } = await run.recorded<Listing>("skill-loader: listed", () =>
      listSkills(root(), options.dirs, maxBytes),
    );
    skills.known = known;
    const called = calledIn(run.task.text);
    for (const skill of known)
      if (options.enabled.includes(skill.name) || called.includes(skill.name)) await load(skill);
    for (const name of options.enabled)
      if (!known.some((skill) => skill.name === name))
        problems.push(`${name}: enabled, but not there`);
    if (problems.length > 0) run.log("skill-loader: not usable", { problems });
    return listOf(known);
  }

  function listOf(known: readonly Skill[]): string | undefined {
    const open = known.filter(({ name }) => !options.enabled.includes(name));
    const listed = mostRelevant(open, run.task.text, options.topK);
    if (listed.length === 0) return undefined;
    return listing(options.heading, listed, open.length - listed.length);
  }

  /** Shows a skill from now on, or returns in words why not. */
  async function load(skill: Skill): Promise<string | undefined> {
    const { name, dir, folder } = skill;
    const path = `${dir}/${folder}/SKILL.md`;
    const { body, problem } = await run.recorded<Reading>("skill-loader: read", async () => {
      const read = await readSkill(root(), skill, maxBytes);
      if (read === undefined) return { path, problem: "it is gone" };
      return typeof read === "string" ? { path, problem: read } : { path, body: read.body };
    });
    if (body === undefined) {
      run.log("skill-loader: not usable", { problems: [`${path}: ${problem}`] });
      return `The skill ${name} cannot be loaded.`;
    }
    skills.loaded.push({ name, path, body });
    const passing = skills.loaded.filter((other) => !options.enabled.includes(other.name));
    const [oldest] = passing;
    if (oldest && passing.length > options.maxLoaded)
      skills.loaded = skills.loaded.filter((other) => other !== oldest);
    return undefined;
  }

  function root(): string {
    return run.slots.get(workspaceSlot)?.root ?? ".";
  }
});

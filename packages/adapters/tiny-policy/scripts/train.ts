/**
 * Learns weights.json by imitation of a teacher on generated games, with randomly drawn advice in
 * the context. Run: node --conditions=@harnessx/source --import tsx scripts/train.ts [--out file]
 * The result depends on the code and the seeds below alone.
 */
import { writeFileSync } from "node:fs";
import { createWorld, generateGames, type Game } from "@harnessx/adapter-household";
import { listCandidates } from "../src/candidates.ts";
import { readTools, textOfCommand } from "../src/commands.ts";
import { FeatureExtractor } from "../src/features.ts";
import { baseCount, cueKeys } from "../src/relations.ts";
import { readSituation } from "../src/situation.ts";
import { readTask } from "../src/task.ts";
import { policyOf, type TinyPolicy } from "../src/tiny-policy.ts";
import { readView } from "../src/view.ts";
import type { Weights } from "../src/weights.ts";
import { drawAdviser, type Scene } from "./advice.ts";
import { Parameters, Recorder, type Example } from "./dataset.ts";
import { actTool, Conversation } from "./episode.ts";
import { fit, type Theta } from "./fit.ts";
import { Memory } from "./memory.ts";
import { Random } from "./random.ts";
import { teach } from "./teacher.ts";
import { usualPlaces } from "./usual.ts";

const argument = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1]!;
};
const attention = Number(argument("attention", "4"));
const perRound = Number(argument("episodes", "3000"));
const rounds = Number(argument("rounds", "4"));
const out = argument("out", new URL("../weights.json", import.meta.url).pathname);
const steps = 30;
/** Share of the decisions that become examples; neighbours in an episode are much alike. */
const kept = 0.5;

const games: readonly Game[] = generateGames({ seed: 11, count: 600 });
const usual = usualPlaces(games);
const nouns = new Set<string>();
for (const game of games) {
  for (const { type } of game.receptacles) nouns.add(type);
  for (const { type } of game.objects) nouns.add(type);
}
for (const word of ["shelve", "sink", "lamp", "table", "counter"]) nouns.add(word);
const parameters = new Parameters(nouns);
const offer = readTools(actTool);

function play(
  game: Game,
  random: Random,
  policy: TinyPolicy | undefined,
  examples: Example[],
): boolean {
  const world = createWorld(game);
  const conversation = new Conversation();
  const objectTypes = [...new Set(game.objects.map(({ type }) => type))];
  const places = game.receptacles.map(({ name }) => name);
  const task = readTask(game.task.replace(/^.*task is to:?\s*/i, ""));
  const scene: Scene = {
    task,
    themes: new Set(objectTypes.filter((type) => task.themes.has(type))),
    places,
    objectTypes,
    themePlaces: game.objects
      .filter(({ type }) => task.themes.has(type))
      .flatMap((object) => object.in ?? []),
    usual,
  };
  const adviser = drawAdviser(random, scene);
  const memory = new Memory(places);
  conversation.system(adviser.system);
  conversation.user(world.intro());
  for (let step = 0; step < steps; step += 1) {
    const { text, meaning } = adviser.step(memory);
    const messages = conversation.request(text);
    const situation = readSituation(readView(messages, attention));
    const truth = readSituation(readView(conversation.request(), 1000));
    const commands = listCandidates(situation, offer);
    const texts = commands.map(textOfCommand);
    for (const command of meaning.avoidCommands)
      if (command.startsWith("go to ")) meaning.avoid.add(command.slice(6));
    const choice = teach(commands, truth, memory, meaning);
    texts.forEach((each, index) => {
      if (meaning.avoidCommands.has(each)) choice[index]! *= 0.05;
    });
    const total = choice.reduce((sum, each) => sum + each, 0);
    for (let i = 0; i < choice.length; i += 1) choice[i]! /= total;
    if (random.chance(kept)) {
      const recorder = new Recorder(parameters);
      const extractor = new FeatureExtractor(situation, recorder);
      commands.forEach((command, index) => {
        extractor.extract(command, texts[index]!);
        recorder.next();
      });
      examples.push(recorder.example(choice));
    }
    let chances: readonly number[] = [...choice];
    if (policy !== undefined)
      chances = policy
        .consider({ messages, tools: actTool, sampling: {} })
        .map(({ probability }) => probability);
    let left = random.next();
    let index = 0;
    while (index < chances.length - 1 && (left -= chances[index]!) >= 0) index += 1;
    const command = texts[index]!;
    const result = world.step(command);
    const call = { id: `c${step}`, name: "act", input: { command } };
    conversation.assistant([call]);
    conversation.tool(call, result.observation);
    memory.record(command, result.observation);
    if (result.done) return true;
  }
  return false;
}

const round = (value: number): number => Math.round(value * 100) / 100;

function toWeights(theta: Theta): Weights {
  const cues: Record<string, Record<string, number>> = {};
  parameters.names.forEach(({ key, word }, id) => {
    const weight = round(theta[baseCount + id] ?? 0);
    // Rare words and tiny weights are noise.
    if (parameters.counts[id]! < 12 || Math.abs(weight) < 0.05) return;
    const name = cueKeys[key]!;
    (cues[name] ??= {})[word] = weight;
  });
  return { format: 1, attention, base: [...theta.subarray(0, baseCount)].map(round), cues };
}

const examples: Example[] = [];
let theta: Theta | undefined;
let weights: Weights | undefined;
const started = performance.now();
for (let r = 0; r < rounds; r += 1) {
  const policy = weights === undefined ? undefined : policyOf(weights);
  const random = new Random(1000 + r);
  let solved = 0;
  for (let i = 0; i < perRound; i += 1)
    if (play(games[(r * perRound + i) % games.length]!, random, policy, examples)) solved += 1;
  console.log(
    `round ${r}: ${solved}/${perRound} solved, ${examples.length} examples, ` +
      `${parameters.names.length} cues, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  const last = r === rounds - 1;
  theta = fit(
    examples,
    parameters.names.length,
    theta,
    {
      epochs: last ? Number(argument("epochs", "14")) : 4,
      batch: 128,
      rate: 0.03,
      decayBase: 1e-5,
      decayCue: Number(argument("decay", "5e-6")),
      dropout: Number(argument("dropout", "0.15")),
      seed: r,
    },
    console.log,
  );
  weights = toWeights(theta);
}
writeFileSync(out, `${JSON.stringify(weights)}\n`);
console.log(`wrote ${out}: ${JSON.stringify(weights).length} bytes`);

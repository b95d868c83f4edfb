import type { Command, Verb } from "./commands.ts";
import { mentionsOfInstance, mentionsOfStem, type Guidance, type Mention } from "./guidance.ts";
import { aliasesOf, repetitionStems, stemsOfVerb, strongStem } from "./lexicon.ts";
import { K, slots, verbClass } from "./relations.ts";
import { typeOf, type Situation } from "./situation.ts";
import type { Sentence } from "./text.ts";

/** Receives the features of one candidate after the other. */
export interface FeatureSink {
  /** A relation between the candidate, the task and the last few exchanges. */
  base(id: number): void;
  /** The cue words of a sentence (and of one of its clauses, when not negative) under a relation. */
  cue(key: number, sentence: Sentence, clause: number): void;
  /** The cue words of a whole text under a relation, each once. */
  all(key: number, guidance: Guidance): void;
}

/** 0: elsewhere, 1: a place that the task asks for, 2: a place that treats the object. */
function roleOfPlace(type: string, situation: Situation): 0 | 1 | 2 {
  if (situation.held === "raw" && type === situation.appliance) return 2;
  if (situation.view.task.goal === type) return 1;
  return type === situation.appliance ? 2 : 0;
}

/** How a mention of a place relates to the thing that is looked for; an offset to `goNamedSeek`. */
const Theme = { none: 0, sentence: 1, here: 2, other: 3 } as const;

/** Computes the features of candidates in one situation. Make one per call. */
export class FeatureExtractor {
  readonly #situation: Situation;
  readonly #sink: FeatureSink;
  readonly #kinds = new Map<string, readonly Mention[]>();
  readonly #verbs = new Map<string, readonly Mention[]>();
  readonly #themes: ReadonlyMap<Sentence, number>;
  readonly #hints: ReadonlySet<Sentence>;
  #repetitions: ReadonlySet<Sentence> | undefined;

  constructor(situation: Situation, sink: FeatureSink) {
    this.#situation = situation;
    this.#sink = sink;
    const themes = new Map<Sentence, number>();
    const hints = new Set<Sentence>();
    for (const guidance of situation.view.guidance) {
      for (const theme of situation.sought) {
        for (const { sentence, clause } of mentionsOfStem(guidance, strongStem(theme)))
          if (clause < 0) themes.set(sentence, themes.get(sentence) ?? 0);
          else themes.set(sentence, (themes.get(sentence) ?? 0) | (1 << Math.min(clause, 30)));
      }
      // "mug 2" mentions mugs as well.
      for (const [name, mentions] of guidance.byInstance) {
        if (!situation.sought.has(typeOf(name))) continue;
        for (const { sentence, clause } of mentions)
          themes.set(sentence, (themes.get(sentence) ?? 0) | (1 << Math.min(clause, 30)));
      }
      const treatment = situation.view.task.treatment;
      if (treatment !== undefined)
        for (const stem of stemsOfVerb(treatment))
          for (const { sentence } of mentionsOfStem(guidance, stem)) hints.add(sentence);
    }
    this.#themes = themes;
    this.#hints = hints;
  }

  /** Sends the features of `command` to the sink. */
  extract(command: Command, text: string): void {
    const { recent, lastFailed } = this.#situation;
    switch (command.verb) {
      case "go":
        this.#go(command.place!);
        return;
      case "open":
        this.#open(command.place!);
        break;
      case "take":
        this.#take(command.object!);
        break;
      case "move":
        this.#move();
        break;
      case "clean":
      case "heat":
      case "cool":
        this.#treat(command.verb);
        break;
      case "use":
        this.#use(command.object!);
        break;
      case "close":
        this.#base("close", 0);
        this.#mentions(K.closeVerb, this.#ofVerb("close"));
        break;
      case "slice":
      case "examine":
      case "look":
      case "inventory":
      case "help":
        this.#idle(command);
        break;
    }
    const back = recent.indexOf(text);
    if (back < 0) return;
    this.#base(command.verb, 20 + Math.min(back, 2));
    if (lastFailed && back === 0) this.#base(command.verb, 23);
    this.#all(K.repeatAny);
    this.#repetition(K.repeatHint);
  }

  #base(verb: Verb, slot: number): void {
    this.#sink.base(verbClass[verb] * slots + slot);
  }

  #all(key: number): void {
    for (const guidance of this.#situation.view.guidance) this.#sink.all(key, guidance);
  }

  #mentions(key: number, mentions: readonly Mention[], clauses = false): void {
    for (const { sentence, clause } of mentions)
      this.#sink.cue(key, sentence, clauses ? clause : -1);
  }

  #repetition(key: number): void {
    if (this.#repetitions === undefined) {
      const found = new Set<Sentence>();
      for (const guidance of this.#situation.view.guidance)
        for (const stem of repetitionStems)
          for (const { sentence } of mentionsOfStem(guidance, stem)) found.add(sentence);
      this.#repetitions = found;
    }
    for (const sentence of this.#repetitions) this.#sink.cue(key, sentence, -1);
  }

  #hinting(key: number): void {
    for (const sentence of this.#hints) this.#sink.cue(key, sentence, -1);
  }

  #ofKind(type: string): readonly Mention[] {
    let found = this.#kinds.get(type);
    if (found === undefined) {
      const collected: Mention[] = [];
      const seen = new Set<Sentence>();
      for (const guidance of this.#situation.view.guidance)
        for (const alias of aliasesOf(type))
          for (const mention of mentionsOfStem(guidance, alias)) {
            if (seen.has(mention.sentence)) continue;
            seen.add(mention.sentence);
            collected.push(mention);
          }
      found = collected;
      this.#kinds.set(type, found);
    }
    return found;
  }

  #ofVerb(verb: Verb): readonly Mention[] {
    let found = this.#verbs.get(verb);
    if (found === undefined) {
      const collected: Mention[] = [];
      const seen = new Set<Sentence>();
      for (const guidance of this.#situation.view.guidance)
        for (const stem of stemsOfVerb(verb))
          for (const mention of mentionsOfStem(guidance, stem)) {
            if (seen.has(mention.sentence)) continue;
            seen.add(mention.sentence);
            collected.push(mention);
          }
      found = collected;
      this.#verbs.set(verb, found);
    }
    return found;
  }

  /** Whether what is looked for stands beside the place in the sentence, elsewhere in it, or not at all. */
  #themeAt({ sentence, clause }: Mention): number {
    const bits = this.#themes.get(sentence);
    if (bits === undefined) return this.#others(sentence, clause) ? Theme.other : Theme.none;
    if (clause >= 0 && bits & (1 << Math.min(clause, 30))) return Theme.here;
    if (bits === 0) return Theme.sentence;
    // A thing belongs to the latest place before it, or to the next one when none is before it.
    const { clauses } = sentence;
    const placeIn = (index: number): boolean =>
      clauses[index]!.instances.some((name) => this.#isPlace(name));
    for (let i = 0; i < clauses.length && i < 31; i += 1) {
      if (!(bits & (1 << i)) || placeIn(i)) continue;
      let owner = -1;
      for (let j = i - 1; j >= 0 && owner < 0; j -= 1) if (placeIn(j)) owner = j;
      for (let j = i + 1; j < clauses.length && owner < 0; j += 1) if (placeIn(j)) owner = j;
      if (owner === clause) return Theme.here;
    }
    return Theme.sentence;
  }

  #isPlace(name: string): boolean {
    return this.#situation.view.places.includes(name);
  }

  /** Whether the sentence lists other things at this place. */
  #others(sentence: Sentence, clause: number): boolean {
    const { clauses } = sentence;
    for (let i = Math.max(clause, 0); i < clauses.length; i += 1) {
      const names = clauses[i]!.instances;
      if (i > clause && names.some((name) => this.#isPlace(name))) return false;
      if (names.some((name) => !this.#isPlace(name))) return true;
    }
    return false;
  }

  #go(place: string): void {
    const s = this.#situation;
    const type = typeOf(place);
    const role = roleOfPlace(type, s);
    const carrying = s.goalIsPlace && (s.held === "ready" || s.held === "raw");
    this.#base("go", 0);
    if (!carrying) {
      if (s.held === "other") this.#base("go", 8);
      else if (s.held === "none") this.#base("go", role === 1 ? 1 : role === 2 ? 21 : 2);
      else this.#base("go", 9);
      if (s.closed) this.#base("go", 10);
    } else if (s.held === "ready") {
      this.#base("go", role === 1 ? 3 : 4);
      if (s.view.task.goal === s.placeType) this.#base("go", s.closed ? 16 : 17);
    } else {
      this.#base("go", role === 1 ? 5 : role === 2 ? 6 : 7);
      if (s.appliance === s.placeType) this.#base("go", 18);
      else if (s.view.task.goal === s.placeType) this.#base("go", 19);
    }
    if (s.lastFailed) this.#base("go", 12);
    const back = s.recentPlaces.indexOf(place);
    if (back >= 0) {
      if (!carrying) {
        this.#base("go", 13 + Math.min(back, 2));
        this.#all(K.goRecentAny);
        this.#repetition(K.goRecentHint);
      } else this.#base("go", 22);
    }
    if (s.closed && !carrying) this.#all(K.goClosedAny);
    for (const guidance of s.view.guidance)
      for (const mention of mentionsOfInstance(guidance, place)) {
        let key: number;
        if (!carrying)
          key = (role === 1 ? K.goNamedSeekGoal : K.goNamedSeek) + this.#themeAt(mention);
        // Who carries the thing heeds advice about where to bring it, not about where to search.
        else if (role === 0) continue;
        else key = (s.held === "ready" ? K.goNamedReadyGoal : K.goNamedRawGoal) + role - 1;
        this.#sink.cue(key, mention.sentence, mention.clause);
      }
    for (const mention of this.#ofKind(type)) {
      const { sentence, clause } = mention;
      if (!carrying)
        this.#sink.cue(
          this.#themes.has(sentence) ? K.goKindSeekTheme : K.goKindSeek,
          sentence,
          clause,
        );
      else if (s.held === "raw" && role > 0 && this.#hints.has(sentence))
        this.#sink.cue(role === 1 ? K.goKindRawHintGoal : K.goKindRawHintTool, sentence, clause);
    }
    if (s.held === "raw" && role === 2) {
      this.#mentions(K.goRawToolPut, this.#ofVerb("move"));
      this.#hinting(K.goRawToolHint);
    } else if (s.held === "raw" && role === 1) {
      this.#mentions(K.goRawGoalPut, this.#ofVerb("move"));
      this.#hinting(K.goRawGoalHint);
    }
  }

  #open(place: string): void {
    const s = this.#situation;
    const atGoal = s.view.task.goal === s.placeType;
    this.#base("open", 0);
    if (!s.closed) {
      this.#base("open", 1);
      this.#all(K.openBare);
      return;
    }
    if (s.held === "none" || (!s.goalIsPlace && s.held !== "other")) {
      this.#base("open", 2);
      for (const guidance of s.view.guidance)
        this.#mentions(K.openNamedSeek, mentionsOfInstance(guidance, place));
      this.#mentions(K.openVerbSeek, this.#ofVerb("open"));
      this.#mentions(K.openKindSeek, this.#ofKind(s.placeType));
      this.#all(K.openAnySeek);
      return;
    }
    if (s.held === "ready") this.#base("open", atGoal ? 3 : 4);
    else if (s.held === "raw") this.#base("open", atGoal ? 5 : 6);
    else this.#base("open", 7);
    if (s.lastFailed) this.#base("open", 8);
    this.#mentions(K.openVerbHeld, this.#ofVerb("open"));
  }

  #take(object: string): void {
    const s = this.#situation;
    const type = typeOf(object);
    const atGoal = s.view.task.goal === s.placeType;
    this.#base("take", 0);
    if (s.view.task.themes.has(type)) {
      if (s.held === "none") this.#base("take", s.handsKnown ? (atGoal ? 2 : 1) : atGoal ? 4 : 3);
      else this.#base("take", 5);
      if (s.placed.includes(object)) this.#base("take", 6);
      if (atGoal && s.view.task.treatment !== undefined) this.#base("take", 7);
      if (atGoal && s.view.task.several) this.#base("take", 8);
      for (const guidance of s.view.guidance)
        this.#mentions(
          atGoal ? K.takeGoalNamed : K.takeThemeNamed,
          mentionsOfInstance(guidance, object),
        );
      this.#mentions(K.takeThemeVerb, this.#ofVerb("take"));
    } else {
      this.#base("take", s.held === "none" ? 9 : 10);
      if (type === s.view.task.goal) this.#base("take", 11);
    }
  }

  #move(): void {
    const s = this.#situation;
    const atGoal = s.view.task.goal === s.placeType;
    this.#base("move", 0);
    if (s.closed) this.#base("move", s.lastFailed ? 8 : 1);
    if (!s.goalIsPlace) this.#base("move", 2);
    if (s.held === "ready") this.#base("move", atGoal ? 3 : 4);
    else if (s.held === "raw") this.#base("move", atGoal ? 5 : 6);
    else this.#base("move", 7);
    if (!atGoal) return;
    if (s.held === "ready") this.#mentions(K.moveReadyPut, this.#ofVerb("move"));
    else if (s.held === "raw") {
      this.#mentions(K.moveRawPut, this.#ofVerb("move"));
      this.#hinting(K.moveRawHint);
    }
    if (s.place !== undefined)
      for (const guidance of s.view.guidance)
        this.#mentions(K.movePlaceNamed, mentionsOfInstance(guidance, s.place));
  }

  #treat(verb: "clean" | "heat" | "cool"): void {
    const s = this.#situation;
    this.#base("clean", 0);
    if (s.view.task.treatment !== verb) {
      this.#base("clean", 1);
      this.#mentions(K.treatUnasked, this.#ofVerb(verb));
      return;
    }
    const fits = s.placeType === s.appliance;
    if (s.held === "raw") {
      this.#base("clean", fits ? 2 : 3);
      if (!fits) return;
      this.#mentions(K.treatVerb, this.#ofVerb(verb));
      for (const mention of this.#ofKind(s.placeType))
        if (this.#hints.has(mention.sentence)) this.#sink.cue(K.treatKind, mention.sentence, -1);
    } else this.#base("clean", s.held === "ready" ? 4 : 5);
  }

  #use(object: string): void {
    const s = this.#situation;
    const type = typeOf(object);
    this.#base("use", 0);
    if (type !== s.view.task.goal || s.goalIsPlace) {
      this.#base("use", 1);
      return;
    }
    this.#base("use", s.held === "none" ? (s.handsKnown ? 5 : 2) : s.held === "ready" ? 3 : 4);
    this.#mentions(K.useGoalKind, this.#ofKind(type));
    this.#mentions(K.useVerb, this.#ofVerb("use"));
  }

  #idle(command: Command): void {
    const s = this.#situation;
    const { verb } = command;
    this.#base(verb, 0);
    if (s.view.exchanges.length === 0) this.#base(verb, 1);
    if (s.lastFailed) this.#base(verb, 2);
    if (!s.handsKnown) this.#base(verb, 3);
    if (verb === "examine" && command.object !== undefined) this.#base(verb, 4);
    if (s.place === undefined) this.#base(verb, 5);
    if (s.closed && s.held === "none") this.#base(verb, 6);
    this.#mentions(K.idleVerb, this.#ofVerb(verb));
  }
}

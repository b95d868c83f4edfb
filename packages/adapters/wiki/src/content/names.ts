import type { Random } from "../random.ts";

const starts =
  "Ald Bren Cald Dorn Esk Fenn Garr Hal Ister Jarl Keld Lorn Marr Ness Orm Pell Quar Rath Sel Tarn Ul Vost Wend Yar Zell Brúm Kæl Øst Thür Ará".split(
    " ",
  );
const towns = "holt mouth wick stead bury haven ford mere dale combe gate thorpe".split(" ");
const rivers = "a en ow ith une ary el or".split(" ");
const given =
  "Ada Bruno Clara Dario Elke Femke Gustav Hedda Ivo Jonna Karel Lena Milo Nora Otto Petra Rolf Sanne Tomas Vera".split(
    " ",
  );
const families = "sen man by wright ler kamp stein vik".split(" ");

/** Draws names that nothing real has, each once. */
export class Names {
  readonly #random: Random;
  readonly #taken = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  town(): string {
    return this.#unique(() => {
      const name = `${this.#start()}${this.#random.pick(towns)}`;
      const { next } = this.#random;
      return next() < 0.15 ? `Saint ${name}` : next() < 0.15 ? `Upper ${name}` : name;
    });
  }

  river(): string {
    return this.#unique(() => `${this.#start()}${this.#random.pick(rivers)} (river)`);
  }

  person(): string {
    return this.#unique(() => `${this.#random.pick(given)} ${this.#family()}`);
  }

  bridge(): string {
    return this.#unique(() =>
      this.#random.next() < 0.2 ? `${this.#family()}'s Bridge` : `${this.#family()} Bridge`,
    );
  }

  museum(): string {
    return this.#unique(() =>
      this.#random.next() < 0.25
        ? `${this.#family()} & ${this.#family()} Museum`
        : `${this.#family()} Museum`,
    );
  }

  #start(): string {
    return this.#random.pick(starts);
  }

  #family(): string {
    return `${this.#start()}${this.#random.pick(families)}`;
  }

  #unique(draw: () => string): string {
    for (;;) {
      const name = draw();
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
  }
}

/** Why the shop does not do what it was asked: becomes an error result. */
export class Refusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Refusal";
  }
}
